package assertions

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// typeless returns a finding for every metric without a type of which an assertion asks how much it counted, if series of it
// appeared in its window. A counter began at 0; of a metric that may as well be a gauge that is not known. One that is
// called a total is taken for a counter.
func typeless(ctx context.Context, e Evidence, a Assertion) ([]Finding, error) {
	w, ok := e.Window(a.About().Window)
	if !ok {
		return nil, nil
	}
	var findings []Finding
	for _, q := range a.About().Queries {
		if q.IsZero() || !q.calls("increase", "rate", "irate") {
			continue
		}
		for _, s := range q.selectors() {
			if strings.HasSuffix(s.metric, "_total") || !untyped(e, w, s.metric) {
				continue
			}
			born, known, err := single(ctx, e, w, query(fmt.Sprintf("count(present_over_time(%[1]s[range()]) unless %[1]s @ start())", s.text)))
			if err != nil {
				return nil, err
			}
			if known && born > 0 {
				findings = append(findings, Finding{Verdict: Inconclusive, Text: fmt.Sprintf(
					"%s has no type, so where the %s new series of this window began is unknown; declare it a counter", s.metric, Quantity{Value: born})})
			}
		}
	}
	return findings, nil
}

// untyped reports whether a metric was exposed without a type.
func untyped(e Evidence, w Window, metric string) bool {
	return slices.ContainsFunc(e.Families(w), func(f Family) bool { return f.Name == metric && f.Type == "unknown" })
}
