package identities

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// An identity compares sums over all replicas, for the client does not know which of them answered.
// Where the sums differ, the replicas' other counts tell which of them is wrong: a count of another
// family that agrees with the client in all is right in each replica, and so the replica is named
// whose count differs from it.

const (
	// minWitness is how many hits another count must agree in to be relied on.
	minWitness = 20
	// maxWitnesses bounds the families that are tried.
	maxWitnesses = 100
	// maxListed is how many replicas a finding lists.
	maxListed = 10
)

// replicas adds to findings about sums what each replica counted, and which of them differs.
func (i *Identity) replicas(ctx context.Context, e facts.Evidence, w facts.Window, findings []assertions.Finding) error {
	if i.Client.IsZero() || !slices.ContainsFunc(findings, assertions.Finding.Differs) {
		return nil
	}
	names := exposing(e.Families(w), i.Server.Metrics())
	if len(names) < 2 {
		return nil
	}
	counts, total := map[string]map[facts.LabelSet]float64{}, map[string]float64{}
	for _, name := range names {
		answer, err := e.Query(ctx, i.Server.OfEndpoint(name).String(), w)
		if err != nil {
			return err
		}
		counts[name] = facts.ByLabels(answer)
		total[name] = answer.Sum()
	}
	right, by, err := i.witness(ctx, e, w, names, findings)
	if err != nil {
		return err
	}
	for n := range findings {
		f := &findings[n]
		if !f.Differs() {
			continue
		}
		each, sum := total, 0.0
		if len(f.Series) > 0 {
			each = map[string]float64{}
			for _, name := range names {
				each[name] = counts[name][facts.KeyOf(f.Series)]
			}
		}
		for _, v := range each {
			sum += v
		}
		if sum != f.Count.Server {
			continue // it is no sum over replicas
		}
		f.Text += "; " + listed(names, each)
		switch wrong, excess := differing(names, total, right, f.Count.Difference); {
		case right != nil && len(wrong) > 0:
			f.Text += fmt.Sprintf("; %s, and %[2]s agrees with the client over all endpoints",
				residuals(wrong, total, right, by), by)
			if excess >= f.Count.Difference {
				f.NoOthers = by
			}
		case right == nil:
			if name := shaped(names, each, f.Count.Difference); name != "" {
				f.Text += "; " + name
			}
		}
	}
	return nil
}

// exposing lists the endpoints that expose any of the metrics.
func exposing(families []facts.Family, metrics []string) []string {
	found := map[string]bool{}
	for _, f := range families {
		if slices.ContainsFunc(f.MetricNames(), func(m string) bool { return slices.Contains(metrics, m) }) {
			found[f.Endpoint] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// witness returns what another family counted in each replica, if all together it is what the
// client counted: nil where there is no such family.
func (i *Identity) witness(ctx context.Context, e facts.Evidence, w facts.Window, names []string,
	findings []assertions.Finding) (map[string]float64, string, error) {
	client, ambiguous := 0.0, 0.0
	for _, f := range findings {
		if f.Count != nil && (len(f.Series) > 0 || len(findings) == 1) {
			client, ambiguous = client+f.Count.Client, max(ambiguous, f.Count.Ambiguous)
		}
	}
	if client < minWitness {
		return nil, "", nil
	}
	for _, c := range others(e.Families(w), i.Server.Metrics(), len(names)) {
		each, err := promql.EachEndpoint(ctx, e, w, "sum by (endpoint) (%s)", c.increase)
		if err != nil {
			return nil, "", err
		}
		sum := 0.0
		for _, v := range each {
			sum += v
		}
		if sum < client || sum > client+ambiguous {
			continue
		}
		if v, ok := each[""]; ok {
			each[facts.Target] = v
		}
		return each, c.name, nil
	}
	return nil, "", nil
}

// counter is a count that may be compared with.
type counter struct{ name, increase string }

// others lists the counts of families that this many endpoints expose, but for those of the metrics.
func others(families []facts.Family, metrics []string, endpoints int) []counter {
	shown := map[string]int{}
	accused := map[string]bool{}
	for _, m := range metrics {
		accused[strings.TrimSuffix(facts.FamilyOf(m), "_total")] = true
	}
	for _, f := range families {
		if !facts.MovesByItself(f.Name) && !accused[strings.TrimSuffix(f.Name, "_total")] {
			switch f.Type {
			case "counter":
				shown[f.Name]++
			case "histogram", "summary":
				shown[f.Name+"_count"]++
			}
		}
	}
	var all []counter
	for _, name := range slices.SortedFunc(maps.Keys(shown), func(a, b string) int {
		return cmp.Or(cmp.Compare(alike(b, metrics), alike(a, metrics)), cmp.Compare(a, b))
	}) {
		if shown[name] == endpoints && len(all) < maxWitnesses {
			all = append(all, counter{name, fmt.Sprintf("increase(%s[range()] anchored)", promql.SelectorOf(name))})
		}
	}
	return all
}

// alike returns how many letters a name has in common with the beginning of one of the metrics:
// metrics that begin alike count alike.
func alike(name string, metrics []string) (most int) {
	for _, m := range metrics {
		n := 0
		for n < min(len(name), len(m)) && name[n] == m[n] {
			n++
		}
		most = max(most, n)
	}
	return most
}

// differing returns the replicas whose count differs from the right one in the direction of the
// difference, and by how much they do together.
func differing(names []string, counted, right map[string]float64, difference float64) (wrong []string, sum float64) {
	for _, name := range names {
		if d := counted[name] - right[name]; d*difference > 0 {
			wrong, sum = append(wrong, name), sum+d
		}
	}
	return wrong, sum
}

func listed(names []string, counts map[string]float64) string {
	var parts []string
	for _, name := range names[:min(len(names), maxListed)] {
		parts = append(parts, fmt.Sprintf("%s %s", name, quantity.Quantity{Value: counts[name]}))
	}
	if more := len(names) - maxListed; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return "by endpoint: " + strings.Join(parts, ", ")
}

// residuals names the replicas that are wrong, and by how much.
func residuals(wrong []string, counted, right map[string]float64, by string) string {
	var parts []string
	for _, name := range wrong[:min(len(wrong), maxListed)] {
		parts = append(parts, fmt.Sprintf("%s differs by %s from its own %s (%s)", name,
			signed(counted[name]-right[name]), by, quantity.Quantity{Value: right[name]}))
	}
	return strings.Join(parts, ", ")
}

// shaped says which replica alone would explain a difference by counting each hit twice, or none,
// and nothing when there are several, or none.
func shaped(names []string, counts map[string]float64, difference float64) string {
	var found []string
	for _, name := range names {
		switch {
		case difference > 0 && counts[name] == 2*difference:
			found = append(found, fmt.Sprintf("it would be exact if %s counted each hit twice", name))
		case difference < 0 && counts[name] == 0:
			found = append(found, fmt.Sprintf("%s counted none", name))
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// span adds to findings over which time the service's counts are, where another server scraped
// them.
func (i *Identity) span(ctx context.Context, e facts.Evidence, findings []assertions.Finding) error {
	by, is, err := doubts.RelayedBy(ctx, e)
	if err != nil || !is {
		return err
	}
	for n := range findings {
		if f := &findings[n]; f.Count != nil {
			f.Text += "; " + by.Sentence()
		}
	}
	return nil
}
