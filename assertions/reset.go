package assertions

import (
	"context"
	"fmt"
)

// startTime is the standard metric that tells a restarted process from one whose counters went down by themselves.
const startTime = "process_start_time_seconds"

// decreased gives a finding for every counter that the query rests on and that went down in the window. After a restart up to one scrape
// interval of counting is lost, and nobody can know how much: the comparison is inconclusive. Without a restart it is untrue.
func decreased(ctx context.Context, e Evidence, w Window, q Query) ([]Finding, error) {
	var findings []Finding
	for _, s := range q.selectors() {
		answer, err := e.Query(ctx, fmt.Sprintf("sum(resets(%s[range()] anchored)) > 0", s.text), w)
		if err != nil {
			return nil, err
		}
		if len(answer.Series) == 0 {
			continue
		}
		f := Finding{Verdict: Inconclusive, Metrics: []string{s.metric},
			Text: fmt.Sprintf("%s went down %s times during the run", s.text, Quantity{Value: answer.Series[0].Value})}
		same, err := e.Query(ctx, "changes("+startTime+"[range()] anchored) == 0", w)
		switch {
		case err != nil:
			return nil, err
		case len(same.Series) > 0:
			f.Verdict = Untruthful
			f.Text += ", and the process did not restart"
		default:
			f.Text += ": the service restarted, and what it counted since the scrape before is lost"
		}
		findings = append(findings, f)
	}
	return findings, nil
}
