package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// typeless returns a finding for every metric that is not exposed as a counter and of which an
// assertion asks how much it counted, if series of it appeared in its window. A counter began at 0;
// where a gauge began is unknown. One without a type that is called a total is taken for a counter.
func typeless(ctx context.Context, e facts.Evidence, a assertions.Assertion) ([]assertions.Finding, error) {
	w, ok := e.Window(a.About().Window)
	if !ok {
		return nil, nil
	}
	var findings []assertions.Finding
	for _, q := range a.About().Queries {
		if q.IsZero() || !q.Calls("increase", "rate", "irate") {
			continue
		}
		for _, s := range q.Selectors() {
			reason := noCounter(e, w, s.Metric)
			if reason == "" {
				continue
			}
			born, known, err := promql.Single(ctx, e, w,
				promql.Must(fmt.Sprintf("count(present_over_time(%[1]s[range()]) unless %[1]s @ start())", s.Text)))
			if err != nil {
				return nil, err
			}
			if known && born > 0 {
				findings = append(findings, assertions.Finding{Verdict: assertions.Inconclusive, Text: fmt.Sprintf(
					"%s %s, so where the %s new series of this window began is unknown; expose it as a counter",
					s.Metric, reason, quantity.Quantity{Value: born})})
			}
		}
	}
	return findings, nil
}

// noCounter returns why a metric may not have begun at 0, or "".
func noCounter(e facts.Evidence, w facts.Window, metric string) string {
	families := e.Families(w)
	i := slices.IndexFunc(families, func(f facts.Family) bool { return f.Name == metric })
	switch {
	case i < 0:
	case families[i].Type == "gauge":
		return "is exposed as a gauge"
	case families[i].Type == "unknown" && !strings.HasSuffix(metric, "_total"):
		return "has no type"
	}
	return ""
}
