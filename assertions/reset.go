package assertions

import (
	"cmp"
	"context"
	"fmt"
)

// startTime is the standard metric that tells a restarted process from one whose counters went down by themselves.
const startTime = "process_start_time_seconds"

// decreased returns a finding for every counter that the query rests on and that went down in the window, at each endpoint
// by itself: of several, one may have restarted. After a restart up to one scrape interval of counting is lost, and the
// comparison is inconclusive, as it is where nothing shows whether it was one. Without a restart it is untrue.
func decreased(ctx context.Context, e Evidence, w Window, q Query) ([]Finding, error) {
	var findings []Finding
	for _, s := range q.selectors() {
		answer, err := e.Query(ctx, fmt.Sprintf("sum by (endpoint) (resets(%s[range()] anchored)) > 0", s.text), w)
		if err != nil {
			return nil, err
		}
		for _, down := range answer.Series {
			f := Finding{Verdict: Inconclusive, Metrics: []string{s.metric}, Series: withoutName(down.Labels)}
			f.Text, f.Verdict, err = s.fell(ctx, e, w, down.Labels["endpoint"])
			if err != nil {
				return nil, err
			}
			if f.Text != severalProcesses {
				f.Text = fmt.Sprintf("%s went down %s times during the run%s", s.text, Quantity{Value: down.Value}, f.Text)
			}
			f.Text = prefix(f.Series, f.Text)
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// fell returns why a counter of an endpoint went down, and what that says of it.
func (s selector) fell(ctx context.Context, e Evidence, w Window, endpoint string) (string, Verdict, error) {
	turns, err := several(ctx, e)
	if err != nil {
		return "", Error, err
	}
	restarts, known, err := single(ctx, e, w, query(fmt.Sprintf("max(changes(%s{endpoint=%q}[range()] anchored))", startTime, endpoint)))
	switch {
	case err != nil:
		return "", Error, err
	case turns[cmp.Or(endpoint, targetEndpoint)] == inTurn:
		return severalProcesses, Inconclusive, nil
	case !known:
		return ": " + mayBeSeveral, Inconclusive, nil
	case restarts == 0:
		return ", and the process did not restart", Untruthful, nil
	}
	return ": the service restarted, and what it counted since the scrape before is lost", Inconclusive, nil
}
