package assertions

import (
	"context"
	"fmt"
	"slices"
)

// Delivery is the one assertion that is always judged: was the load that the plan asked for really sent, and on time?
//
// When it was not sent, or so late that it was another load, every verdict about client latency and rates is inconclusive: it would speak of the generator.
// When it was sent a little late, only those that failed are: latency counts from the due time, so that lag makes it longer and never shorter, and a
// limit that held in spite of the lag holds without it.
type Delivery struct{}

const (
	deliveryID = "delivery"

	// minDelivered is the share of the plan that must have been sent.
	minDelivered = 0.99
	// maxLagOverFloor is how much later than the null-transport floor the p99 hit may leave and still be on time, in seconds.
	maxLagOverFloor = 0.001
	// maxLag is beyond which lag at p99, in seconds, the load has lost the shape that was planned.
	maxLag = 0.1
)

// Window edges do not matter to the shares of the plan: both series only grow, and their last value is what counts.
var (
	planned  = query(`sum(last_over_time(brrtload_planned_total[range()]))`)
	sent     = query(`sum(last_over_time(brrtload_sent_total[range()]))`)
	lagP99   = query(`histogram_quantile(0.99, sum(increase(brrtload_lag_seconds[range()] anchored)))`)
	floorP99 = query(`max(last_over_time(brrtload_lag_floor_p99_seconds[range()]))`)
)

// About implements Assertion.
func (Delivery) About() About {
	return About{ID: deliveryID, Kind: "delivery", Severity: Failing, Window: Run, Query: sent.String() + " / " + planned.String(),
		Why:     "a generator that fell behind measures itself: its latencies and rates say nothing about the target",
		Metrics: []string{"brrtload_lag_floor_p99_seconds", "brrtload_lag_seconds", "brrtload_planned_total", "brrtload_sent_total"}}
}

// Judge implements Assertion. What does not hold is inconclusive, never a failure of the target.
func (Delivery) Judge(ctx context.Context, e Evidence) ([]Finding, error) {
	w, ok := e.Window(Run)
	if !ok {
		return []Finding{noWindow(Run)}, nil
	}
	plan, known, err := single(ctx, e, w, planned)
	if err != nil {
		return nil, err
	}
	done, knownSent, err := single(ctx, e, w, sent)
	if err != nil {
		return nil, err
	}
	if !known || !knownSent || plan == 0 {
		return []Finding{{Verdict: Inconclusive, Text: "it is not known how much of the plan was sent"}}, nil
	}
	share := Limits{{">=", Quantity{minDelivered, "ratio"}}}.judge(done / plan)
	share.Text = fmt.Sprintf("sent %s of %s planned hits: %s", Quantity{Value: done}, Quantity{Value: plan}, share.Text)
	lag, err := judgeLag(ctx, e, w)
	if err != nil {
		return nil, err
	}
	if share.Verdict == Fail {
		share.Verdict = Inconclusive
	}
	return []Finding{share, lag}, nil
}

func judgeLag(ctx context.Context, e Evidence, w Window) (Finding, error) {
	lag, known, err := single(ctx, e, w, lagP99)
	if err != nil {
		return Finding{}, err
	}
	floor, knownFloor, err := single(ctx, e, w, floorP99)
	if err != nil {
		return Finding{}, err
	}
	if !known || !knownFloor {
		return Finding{Verdict: Inconclusive, Text: "the generator's lag, or the floor to hold it against, is not known"}, nil
	}
	f := Limits{{"<=", Quantity{floor + maxLagOverFloor, "s"}}}.judge(lag)
	f.Text = fmt.Sprintf("lag p99 %s (the floor alone is %s)", f.Text, Quantity{floor, "s"})
	switch {
	case f.Verdict == Pass:
	case lag > maxLag:
		f.Verdict = Inconclusive
		f.Text += "; so late, it was not the load that was planned"
	default:
		f.Verdict = Pass
		f.Text += "; late hits look slow, so a latency budget that failed is inconclusive"
	}
	return f, nil
}

// late tells whether the delivery check saw hits that were late enough to look slow.
func late(delivery Check) bool {
	return slices.ContainsFunc(delivery.Findings, func(f Finding) bool { return f.Margin != nil && *f.Margin < 0 })
}

// single gives the value of a query that has one, and false when it gives none.
func single(ctx context.Context, e Evidence, w Window, q Query) (float64, bool, error) {
	answer, err := e.Query(ctx, q.String(), w)
	if err != nil || len(answer.Series) != 1 {
		return 0, false, err
	}
	return answer.Series[0].Value, answer.Series[0].Value == answer.Series[0].Value, nil
}
