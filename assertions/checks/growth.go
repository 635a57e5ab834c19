package checks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

const (
	// fewSets is how many new label sets in the second half of the steady load are no growth worth
	// speaking of.
	fewSets = 20
	// perHit is how many new label sets an answered hit of that half may bring.
	perHit = 0.05
	// longest is how far back scrapes are looked at for the label sets of a moment; all come more
	// often.
	longest = 5 * time.Minute
)

// bounds holds families to a number of label sets that does not follow the number of hits: a label
// whose values come from the callers grows until the service, or what scrapes it, has no memory
// left. In the first half of the steady load label sets may still be used for the first time, and
// of a family that was not there yet nothing is known.
func (x *Exposition) bounds(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	steady, ok := e.Window(facts.Steady)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(steady)}, nil
	}
	half := facts.Window{Name: "second half of steady", Start: steady.Start.Add(steady.End.Sub(steady.Start) / 2),
		End: steady.End}
	hits, known, err := promql.Single(ctx, e, half,
		promql.Must(`sum(increase(brrtload_hits_total{outcome="answered"}[range()] anchored))`))
	if err != nil {
		return nil, err
	}
	if !known || hits == 0 {
		return []assertions.Finding{{Verdict: assertions.NotApplicable,
			Text: "no hit was answered in the second half of the steady load"}}, nil
	}
	span := min(half.Start.Sub(w.Start), longest)
	before, err := sizes(ctx, e, half, span, "@ start()")
	if err != nil {
		return nil, err
	}
	after, err := sizes(ctx, e, half, span, "@ end()")
	if err != nil {
		return nil, err
	}
	var findings []assertions.Finding
	for _, name := range slices.Sorted(maps.Keys(after)) {
		grown := after[name] - before[name]
		if facts.OfClient(name) || x.excepts(name) || before[name] == 0 || grown <= max(fewSets, perHit*hits) {
			continue
		}
		findings = append(findings, assertions.Finding{Verdict: assertions.Untruthful, Metrics: []string{name},
			Text: fmt.Sprintf(
				"%s grew by %s label sets, to %s, over %s answers%s: it has as many as there are callers", name, quantity.Quantity{Value: grown},
				quantity.Quantity{Value: after[name]}, quantity.Quantity{Value: hits}, widest(e, w, name))})
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Text: fmt.Sprintf("no family grew with the %s answers",
			quantity.Quantity{Value: hits})}}
	}
	return findings, nil
}

// sizes returns the number of label sets by metric, in the scrapes of some time up to a moment. The
// buckets of a histogram are one: a request that is sent for the first time brings a dozen.
//
// Note: an instant would not do. A counter that appears during the run has a zero at the baseline,
// and so a value at every moment since.
func sizes(ctx context.Context, e facts.Evidence, w facts.Window, span time.Duration,
	at string) (map[string]float64, error) {
	answer, err := e.Query(ctx,
		fmt.Sprintf(`count by (__name__) (last_over_time({__name__!="",le=~"([+]Inf)?"}[%dms] %s))`,
			span.Milliseconds(), at), w)
	if err != nil {
		return nil, err
	}
	n := map[string]float64{}
	for _, s := range answer.Series {
		n[s.Labels["__name__"]] = s.Value
	}
	maps.DeleteFunc(n, func(name string, _ float64) bool {
		return name != facts.FamilyOf(name)+"_count" && n[facts.FamilyOf(name)+"_count"] > 0 // said once of a histogram
	})
	return n, nil
}

// widest names the label with the most values.
func widest(e facts.Evidence, w facts.Window, name string) string {
	most, label := 0, ""
	for _, f := range e.Families(w) {
		if !slices.Contains(f.MetricNames(), name) {
			continue
		}
		for l, values := range f.Promisable().Labels {
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
