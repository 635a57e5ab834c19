package assertions

import (
	"context"
	"fmt"
	"slices"
)

// gateway is how many answers a proxy in front of the service may have given by itself, so that the service need not have seen the hit: 502, 503 and
// 504 that the scenario does not want.
const gateway = "brrtload_gateway_answers_total"

// passedOver makes a finding inconclusive when answers of a proxy in front explain it: the query counts hits, and at least n of them may never have
// reached the service. In a series with a status, only the answers with that status count.
func passedOver(ctx context.Context, e Evidence, w Window, q Query, f *Finding, n float64) error {
	if f.Verdict != Untruthful || !slices.Contains(q.metrics(), "brrtload_hits_total") {
		return nil
	}
	matcher := ""
	if status := f.Series["status"]; status != "" {
		matcher = fmt.Sprintf("{status=%q}", status)
	}
	answers, known, err := single(ctx, e, w, query("sum(increase("+gateway+matcher+"[range()] anchored))"))
	if err != nil || !known || answers < n {
		return err
	}
	f.Verdict = Inconclusive
	f.Text += fmt.Sprintf("; %s answers were 502, 503 or 504, which a proxy in front may give without the service", Quantity{Value: answers})
	return nil
}
