package assertions

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

const (
	// fewSeries is how many new series in the second half of the steady load are no growth worth speaking of.
	fewSeries = 20
	// perHit is how many new series an answered hit of that half may bring.
	perHit = 0.05
)

// bounds holds families to a number of series that does not follow the number of hits: a label whose values come from the callers grows until the
// service, or what scrapes it, has no memory left. In the first half of the steady load label sets may still be used for the first time.
func (x *Exposition) bounds(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	steady, ok := e.Window(Steady)
	if !ok {
		return []Finding{noWindow(Steady)}, nil
	}
	half := Window{Name: "second half of steady", Start: steady.Start.Add(steady.End.Sub(steady.Start) / 2), End: steady.End}
	hits, known, err := single(ctx, e, half, query(`sum(increase(brrtload_hits_total{outcome="answered"}[range()] anchored))`))
	if err != nil {
		return nil, err
	}
	if !known || hits == 0 {
		return []Finding{{Text: "no hit was answered in the second half of the steady load"}}, nil
	}
	before, err := sizes(ctx, e, half, " @ start()")
	if err != nil {
		return nil, err
	}
	after, err := sizes(ctx, e, half, "")
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(after)) {
		grown := after[name] - before[name]
		if clientSeries(name) || x.excepts(name) || grown <= max(fewSeries, perHit*hits) {
			continue
		}
		findings = append(findings, Finding{Verdict: Untruthful, Metrics: []string{name}, Text: fmt.Sprintf(
			"%s grew by %s series, to %s, over %s answers%s: it has as many as there are callers", name, Quantity{Value: grown},
			Quantity{Value: after[name]}, Quantity{Value: hits}, widest(e, w, name))})
	}
	if len(findings) == 0 {
		findings = []Finding{{Text: fmt.Sprintf("no family grew with the %s answers", Quantity{Value: hits})}}
	}
	return findings, nil
}

// sizes gives the number of series by metric.
func sizes(ctx context.Context, e Evidence, w Window, at string) (map[string]float64, error) {
	answer, err := e.Query(ctx, fmt.Sprintf(`count by (__name__) ({__name__!=""}%s)`, at), w)
	if err != nil {
		return nil, err
	}
	n := map[string]float64{}
	for _, s := range answer.Series {
		n[s.Labels["__name__"]] = s.Value
	}
	return n, nil
}

// widest names the label with the most values.
func widest(e Evidence, w Window, name string) string {
	most, label := 0, ""
	for _, f := range e.Families(w) {
		if !slices.Contains(f.names(), name) {
			continue
		}
		for l, values := range f.promisable().Labels {
			if len(values) > most || len(values) == most && l < label {
				most, label = len(values), l
			}
		}
	}
	if label == "" {
		return ""
	}
	return fmt.Sprintf(", most of them in the label %s", label)
}
