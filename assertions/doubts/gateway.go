package doubts

import (
	"context"
	"fmt"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// gateway is how many answers a proxy in front of the service may have given by itself, so that the
// service need not have seen the hit: 502, 503 and 504 that the scenario does not want.
const gateway = "brrtload_gateway_answers_total"

// PassedOver makes a finding inconclusive when answers of a proxy in front explain it: the query
// counts hits, and at least n of them may never have reached the service. In a series with a
// status, only the answers with that status count.
func PassedOver(ctx context.Context, e facts.Evidence, w facts.Window, q promql.Query, f *assertions.Finding,
	n float64) error {
	if f.Verdict != assertions.Untruthful || !slices.Contains(q.Metrics(), "brrtload_hits_total") {
		return nil
	}
	matcher := ""
	if status := f.Series["status"]; status != "" {
		matcher = fmt.Sprintf("{status=%q}", status)
	}
	answers, known, err := promql.Single(ctx, e, w, promql.Must("sum(increase("+gateway+matcher+"[range()] anchored))"))
	if err != nil || !known || answers < n {
		return err
	}
	f.Verdict = assertions.Inconclusive
	f.Text += fmt.Sprintf("; %s answers were 502, 503 or 504, which a proxy in front may give without the service",
		quantity.Quantity{Value: answers})
	return nil
}
