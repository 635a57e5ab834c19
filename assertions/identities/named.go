package identities

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// part is a number of requests that brrtload made and knows of: its scrapes, or the hits that have
// something in common.
type part struct {
	name string
	n    float64
}

// leastNamed is the least difference that is named: of one or two, too much is equal by chance.
const leastNamed = 3

// explain reports of each difference which of the client's own numbers it is equal to, when only
// one is. A surplus that is the number of scrapes is no lie: the service counts them as any other
// request, and the identity has to leave them out.
func (i *Identity) explain(ctx context.Context, e facts.Evidence, w facts.Window, findings []assertions.Finding) error {
	if i.Client.IsZero() || i.instead != nil {
		return nil
	}
	differs := func(sign float64) bool {
		return slices.ContainsFunc(findings, func(f assertions.Finding) bool { return f.Count != nil && f.Count.Difference*sign > 0 })
	}
	if differs(1) && differs(-1) { // what is missing in one place may be what is too much in another
		return nil
	}
	for n := range findings {
		f := &findings[n]
		if f.Verdict != assertions.Untruthful || f.Count == nil || f.Count.Ambiguous > 0 ||
			math.Abs(f.Count.Difference) < leastNamed {
			continue
		}
		scrapes, err := i.scrapes(ctx, e, w, *f)
		if err != nil {
			return err
		}
		hits, err := parts(ctx, e, w, *f)
		if err != nil {
			return err
		}
		d := f.Count.Difference
		switch {
		case scrapes != "" && hits == "":
			f.Verdict, f.Metrics = assertions.DoesNotFit, nil
			f.Text += fmt.Sprintf("; %s is the number of scrapes, which the service counts too: %s", signed(d), scrapes)
		case hits != "" && scrapes == "" && d < 0:
			f.Text += fmt.Sprintf("; %s is the number of hits of %s, which the service does not count", signed(d), hits)
		case hits != "" && scrapes == "":
			f.Text += fmt.Sprintf("; %s is the number of hits of %s: does the service count them twice?", signed(d),
				hits)
		}
	}
	return nil
}

func signed(d float64) string {
	if d < 0 {
		return "-" + quantity.Quantity{Value: -d}.String()
	}
	return "+" + quantity.Quantity{Value: d}.String()
}

// scrapes reports how to leave out the scrapes, when a surplus is as many as those of an endpoint
// that were answered; nothing otherwise.
func (i *Identity) scrapes(ctx context.Context, e facts.Evidence, w facts.Window,
	f assertions.Finding) (string, error) {
	if status, has := f.Series["status"]; f.Count.Difference < 0 || has && status[:min(1, len(status))] != "2" {
		return "", nil
	}
	counts, err := promql.EachEndpoint(ctx, e, w,
		"sum by (endpoint) (increase(brrtload_scrapes_total[range()] anchored))")
	if err != nil {
		return "", err
	}
	// One that was cut short, as when the load ends, the service may have counted or not.
	cut, err := promql.EachEndpoint(ctx, e, w, `sum by (endpoint) (increase(brrtload_scrapes_total[range()] anchored)) - sum by (endpoint) (increase(brrtload_scrapes_failed_total{answered="no"}[range()] anchored))`)
	if err != nil {
		return "", err
	}
	equal, sum := false, 0.0
	for endpoint, n := range counts {
		sum += n
		whole, known := cut[endpoint]
		equal = equal || f.Count.Difference <= n && (f.Count.Difference == n || known && f.Count.Difference >= whole)
	}
	if !equal && f.Count.Difference != sum { // of all replicas together
		return "", nil
	}
	for _, family := range e.Families(w) {
		if !slices.ContainsFunc(i.Server.Metrics(), func(m string) bool { return slices.Contains(family.MetricNames(), m) }) {
			continue
		}
		for _, label := range family.LabelNames() {
			for _, value := range family.Labels[label] {
				if strings.Trim(value, "/") == "metrics" {
					return fmt.Sprintf("leave them out with {%s!=%q}", label, value), nil
				}
			}
		}
	}
	return "leave them out by a label of the service's", nil
}

// parts names the hits that are as many as a difference: those of a request, of a status, or of a
// few of them together. It names nothing when there are none, or several that would do.
func parts(ctx context.Context, e facts.Evidence, w facts.Window, f assertions.Finding) (string, error) {
	known := promql.VocabularyOfClient(promql.Client{}).Metrics["brrtload_hits_total"].Labels
	matchers := `outcome="answered"`
	for _, label := range slices.Sorted(maps.Keys(f.Series)) {
		if _, ours := known[label]; ours && label != "outcome" && f.Series[label] != "" {
			matchers += "," + label + "=" + strconv.Quote(f.Series[label])
		}
	}
	for _, by := range [][]string{{"request"}, {"status"}, {"request", "status"}, {"request", "credential"}} {
		answer, err := e.Query(ctx, fmt.Sprintf("sum by (%s) (increase(brrtload_hits_total{%s}[range()] anchored)) > 0",
			strings.Join(by, ", "), matchers), w)
		if err != nil {
			return "", err
		}
		var all []part
		for _, s := range answer.Series {
			var words []string
			for _, label := range by {
				if value := s.Labels[label]; value != "" {
					words = append(words, fmt.Sprintf("%s %s", label, diag.Printable(strconv.Quote(value))))
				}
			}
			if len(words) < len(by) {
				continue
			}
			all = append(all, part{strings.Join(words, " with "), s.Value})
		}
		if len(by) == 1 && by[0] != "request" && len(f.Series) > 0 || len(all) == 1 && len(f.Series) == 0 {
			continue // that names nothing new
		}
		if text := combined(all, math.Abs(f.Count.Difference)); text != "" {
			return text, nil
		}
	}
	return "", nil
}

// combined names the smallest combination of parts that has the sum, when there is only one. The
// more parts there are, the fewer are put together: one of many combinations is equal by chance.
func combined(all []part, sum float64) string {
	const manyForTwo, manyForThree = 8, 5
	var found []string
	var join func(from, left int, of []string, rest float64)
	join = func(from, left int, of []string, rest float64) {
		if left == 0 {
			if rest == 0 {
				found = append(found, strings.Join(of, " and "))
			}
			return
		}
		for n := from; n < len(all); n++ {
			join(n+1, left-1, append(slices.Clone(of), all[n].name), rest-all[n].n)
		}
	}
	for size := 1; size <= 3; size++ {
		if size == 2 && len(all) > manyForTwo || size == 3 && len(all) > manyForThree {
			break
		}
		if join(0, size, nil, sum); len(found) > 0 {
			break
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}
