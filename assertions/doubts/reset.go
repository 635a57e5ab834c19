package doubts

import (
	"cmp"
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Fall is a counter that went down, and why.
type Fall struct {
	assertions.Finding
	// MaybeInTurn reports that several processes may have answered in turn.
	MaybeInTurn bool
}

// findings returns those of the falls.
func FindingsOf(falls []Fall) []assertions.Finding {
	findings := make([]assertions.Finding, len(falls))
	for i, f := range falls {
		findings[i] = f.Finding
	}
	return findings
}

// Decreased returns every counter that the query rests on and that went down in the window, at each
// endpoint by itself: of several, one may have restarted. After a restart up to one scrape interval
// of counting is lost, and the comparison is inconclusive, as it is where nothing shows whether it
// was one. Without a restart it is untrue.
func Decreased(ctx context.Context, e facts.Evidence, w facts.Window, q promql.Query) ([]Fall, error) {
	var falls []Fall
	for _, s := range q.Selectors() {
		answer, err := e.Query(ctx, fmt.Sprintf("sum by (endpoint) (resets(%s[range()] anchored)) > 0", s.Text), w)
		if err != nil {
			return nil, err
		}
		for _, down := range answer.Series {
			f, err := fell(ctx, e, w, down.Labels["endpoint"],
				fmt.Sprintf("%s went down %s times during the run", s.Text, quantity.Quantity{Value: down.Value}))
			if err != nil {
				return nil, err
			}
			f.Metrics, f.Series = []string{s.Metric}, facts.WithoutName(down.Labels)
			f.Text = facts.Prefix(f.Series, f.Text)
			falls = append(falls, f)
		}
	}
	return falls, nil
}

// Restarted reports whether the process restarted that exposes what a query rests on: what it counted
// since the scrape before is lost, whether or not a counter is seen to be lower afterwards.
func Restarted(ctx context.Context, e facts.Evidence, w facts.Window, q promql.Query) (bool, error) {
	restarted, err := promql.EachEndpoint(ctx, e, w, "max by (endpoint) (delta(%s[range()] anchored)) > %g",
		facts.StartTime, facts.StartJitter)
	if err != nil || len(restarted) == 0 {
		return false, err
	}
	for _, s := range q.Selectors() {
		exposed, err := promql.EachEndpoint(ctx, e, w, "count by (endpoint) (present_over_time(%s[range()]))", s.Text)
		if err != nil {
			return false, err
		}
		for endpoint := range exposed {
			if _, ok := restarted[endpoint]; ok {
				return true, nil
			}
		}
	}
	return false, nil
}

// fell returns why a counter of an endpoint went down.
func fell(ctx context.Context, e facts.Evidence, w facts.Window, endpoint, what string) (Fall, error) {
	turns, err := assertions.Several(ctx, e)
	if err != nil {
		return Fall{}, err
	}
	restarts, known, err := promql.Single(ctx, e, w,
		promql.Must(fmt.Sprintf("max(changes(%s{endpoint=%q}[range()] anchored))", facts.StartTime, endpoint)))
	because := func(v assertions.Verdict, text string) (Fall, error) {
		return Fall{Finding: assertions.Finding{Verdict: v, Text: text}, MaybeInTurn: !known}, err
	}
	switch {
	case err != nil:
		return Fall{}, err
	case turns[cmp.Or(endpoint, facts.Target)] == assertions.InTurn:
		known = true
		return because(assertions.Inconclusive, assertions.SeveralProcesses)
	case !known:
		return because(assertions.Inconclusive, what+": "+assertions.MayBeSeveral)
	case restarts == 0:
		return because(assertions.Untruthful, what+", and the process did not restart")
	}
	return because(assertions.Inconclusive,
		what+": the service restarted, and what it counted since the scrape before is lost")
}
