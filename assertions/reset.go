package assertions

import (
	"context"
	"fmt"
)

// startTime is the standard metric that tells a restarted process from one whose counters went down by themselves.
const startTime = "process_start_time_seconds"

// decreased gives a finding for every counter that the query rests on and that went down in the window, at each endpoint by itself: of several, one
// may have restarted. After a restart up to one scrape interval of counting is lost, and nobody can know how much: the comparison is
// inconclusive, as it is where nothing tells of restarts. Without a restart it is untrue.
func decreased(ctx context.Context, e Evidence, w Window, q Query) ([]Finding, error) {
	var findings []Finding
	for _, s := range q.selectors() {
		answer, err := e.Query(ctx, fmt.Sprintf("sum by (endpoint) (resets(%s[range()] anchored)) > 0", s.text), w)
		if err != nil {
			return nil, err
		}
		for _, down := range answer.Series {
			f := Finding{Verdict: Inconclusive, Metrics: []string{s.metric}, Series: withoutName(down.Labels)}
			restarts, known, err := single(ctx, e, w, query(fmt.Sprintf("changes(%s{endpoint=%q}[range()] anchored)", startTime, down.Labels["endpoint"])))
			if err != nil {
				return nil, err
			}
			why := ": the service restarted, and what it counted since the scrape before is lost"
			switch {
			case !known:
				why = ": whether the service restarted nobody knows, for it does not expose " + startTime
			case restarts == 0:
				f.Verdict, why = Untruthful, ", and the process did not restart"
			}
			f.Text = prefix(f.Series, fmt.Sprintf("%s went down %s times during the run%s", s.text, Quantity{Value: down.Value}, why))
			findings = append(findings, f)
		}
	}
	return findings, nil
}
