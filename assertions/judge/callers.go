package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// A service that was not started for the run may have callers that brrtload does not know of. They
// make it count more than the client sent, as a service does that counts a request twice. So a
// surplus alone is no accusation.

// suspendCallers makes inconclusive what a further caller of the service explains, unless another
// count of the service shows that there was none. The checks are those of the list, with the
// delivery check before them.
func suspendCallers(ctx context.Context, e facts.Evidence, checks []assertions.Check, list []assertions.Assertion) error {
	w, ok := e.Window(facts.Run)
	if !ok {
		return nil
	}
	ours, err := promql.Present(ctx, e, w, facts.TargetStarted)
	if err != nil || ours {
		return err
	}
	for n, a := range list {
		c := &checks[n+1]
		if s := a.About().Sides; s == nil || !s.Client || slices.ContainsFunc(c.Findings, short) {
			continue
		}
		changed := false
		for k := range c.Findings {
			f := &c.Findings[k]
			if !surplus(*f) {
				continue
			}
			changed = true
			by := f.NoOthers
			if by == "" {
				by = withoutCallers(n, *f, checks, list)
			}
			if by != "" {
				f.Text += fmt.Sprintf("; there was no other caller: %s is exact", by)
			} else {
				f.Doubtful("another caller may have made the surplus; " + f.Text +
					"; keep other callers away, leave their series out, or let target.command start the service")
			}
		}
		if changed {
			c.Settle(c.Findings)
		}
	}
	return nil
}

// short reports whether the service counted less than the client.
func short(f assertions.Finding) bool { return f.Count != nil && f.Count.Difference < 0 }

// surplus reports whether the service counted more, and not just all twice.
func surplus(f assertions.Finding) bool {
	return f.Differs() && f.Count.Difference > 0 && !(f.Count.Client >= minShared &&
		f.Count.Difference == f.Count.Client)
}

// withoutCallers returns the identity that shows that the surplus of another one is no further
// caller's: of another metric of the service, which leaves out no more, it is exact.
func withoutCallers(of int, surplus assertions.Finding, checks []assertions.Check, list []assertions.Assertion) string {
	accused := list[of].About().Sides.Server
	if surplus.Count.Client < minShared {
		return ""
	}
	for n, a := range list {
		s := a.About().Sides
		if s == nil || !s.Client || checks[n+1].Verdict != assertions.Pass ||
			certainHits(checks[n+1]) < certainHits(checks[of+1]) {
			continue
		}
		if leavesOutNoMore(s.Server, accused) && !sharesFamily(s.Server, accused) {
			return checks[n+1].ID
		}
	}
	return ""
}

// leavesOutNoMore reports whether every matcher of the query is one of another query's, too.
func leavesOutNoMore(q, than promql.Query) bool {
	var matchers []string
	for _, s := range than.Selectors() {
		for _, m := range s.Matchers {
			matchers = append(matchers, m.String())
		}
	}
	return !slices.ContainsFunc(q.Selectors(), func(s promql.Selector) bool {
		for _, m := range s.Matchers {
			if m.Name != model.MetricNameLabel && !slices.Contains(matchers, m.String()) {
				return true
			}
		}
		return false
	})
}

func sharesFamily(a, b promql.Query) bool {
	name := func(metric string) string { return strings.TrimSuffix(facts.FamilyOf(metric), "_total") }
	return slices.ContainsFunc(a.Metrics(), func(m string) bool {
		return slices.ContainsFunc(b.Metrics(), func(other string) bool { return name(m) == name(other) })
	})
}
