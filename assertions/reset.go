package assertions

import (
	"cmp"
	"context"
	"fmt"
)

// fall is a counter that went down, and why.
type fall struct {
	Finding
	// maybeInTurn reports that several processes may have answered in turn.
	maybeInTurn bool
}

// findings returns those of the falls.
func findingsOf(falls []fall) []Finding {
	findings := make([]Finding, len(falls))
	for i, f := range falls {
		findings[i] = f.Finding
	}
	return findings
}

// decreased returns every counter that the query rests on and that went down in the window, at each endpoint by
// itself: of several, one may have restarted. After a restart up to one scrape interval of counting is lost, and the
// comparison is inconclusive, as it is where nothing shows whether it was one. Without a restart it is untrue.
func decreased(ctx context.Context, e Evidence, w Window, q Query) ([]fall, error) {
	var falls []fall
	for _, s := range q.selectors() {
		answer, err := e.Query(ctx, fmt.Sprintf("sum by (endpoint) (resets(%s[range()] anchored)) > 0", s.text), w)
		if err != nil {
			return nil, err
		}
		for _, down := range answer.Series {
			f, err := fell(ctx, e, w, down.Labels["endpoint"], fmt.Sprintf("%s went down %s times during the run", s.text, Quantity{Value: down.Value}))
			if err != nil {
				return nil, err
			}
			f.Metrics, f.Series = []string{s.metric}, withoutName(down.Labels)
			f.Text = prefix(f.Series, f.Text)
			falls = append(falls, f)
		}
	}
	return falls, nil
}

// fell returns why a counter of an endpoint went down.
func fell(ctx context.Context, e Evidence, w Window, endpoint, what string) (fall, error) {
	turns, err := several(ctx, e)
	if err != nil {
		return fall{}, err
	}
	restarts, known, err := single(ctx, e, w, query(fmt.Sprintf("max(changes(%s{endpoint=%q}[range()] anchored))", startTime, endpoint)))
	because := func(v Verdict, text string) (fall, error) {
		return fall{Finding: Finding{Verdict: v, Text: text}, maybeInTurn: !known}, err
	}
	switch {
	case err != nil:
		return fall{}, err
	case turns[cmp.Or(endpoint, targetEndpoint)] == inTurn:
		known = true
		return because(Inconclusive, severalProcesses)
	case !known:
		return because(Inconclusive, what+": "+mayBeSeveral)
	case restarts == 0:
		return because(Untruthful, what+", and the process did not restart")
	}
	return because(Inconclusive, what+": the service restarted, and what it counted since the scrape before is lost")
}
