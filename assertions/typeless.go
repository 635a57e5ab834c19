package assertions

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// typeless returns a finding for every metric without a type of which an assertion asks how much it
// counted, if series of it appeared in its window. A counter began at 0; of a metric that may as
// well be a gauge that is not known. One that is called a total is taken for a counter.
func typeless(ctx context.Context, e facts.Evidence, a Assertion) ([]Finding, error) {
	w, ok := e.Window(a.About().Window)
	if !ok {
		return nil, nil
	}
	var findings []Finding
	for _, q := range a.About().Queries {
		if q.IsZero() || !q.Calls("increase", "rate", "irate") {
			continue
		}
		for _, s := range q.Selectors() {
			if strings.HasSuffix(s.Metric, "_total") || !untyped(e, w, s.Metric) {
				continue
			}
			born, known, err := promql.Single(ctx, e, w,
				promql.Must(fmt.Sprintf("count(present_over_time(%[1]s[range()]) unless %[1]s @ start())", s.Text)))
			if err != nil {
				return nil, err
			}
			if known && born > 0 {
				findings = append(findings, Finding{Verdict: Inconclusive, Text: fmt.Sprintf(
					"%s has no type, so where the %s new series of this window began is unknown; declare it a counter", s.Metric, quantity.Quantity{Value: born})})
			}
		}
	}
	return findings, nil
}

// untyped reports whether a metric was exposed without a type.
func untyped(e facts.Evidence, w facts.Window, metric string) bool {
	return slices.ContainsFunc(e.Families(w), func(f facts.Family) bool { return f.Name == metric && f.Type == "unknown" })
}
