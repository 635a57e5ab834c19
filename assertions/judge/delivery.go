package judge

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// The delivery check is always made: was the load that the plan asked for really sent, and on time?
//
// When it was not sent, or so late that it was another load, every verdict about client latency and
// rates is inconclusive: it would speak of the generator. When it was sent a little late, only
// those that failed are: latency counts from the due time, so that lag makes it longer and never
// shorter, and a limit that held in spite of the lag holds without it. Nor do those become
// inconclusive that failed by more than the latest hit was late.
//
// Lag is the generator's own lateness. A hit that came due while every connection was busy waits
// for the target, which is counted apart; and while the generator is on time, hits are not sent for
// no other reason. A load that a target could not take is not what was planned, so that what held
// under it is still inconclusive; but a latency limit that was exceeded was exceeded under less
// than the plan, and stands.

const (
	// minDelivered is the share of the plan that must have been sent.
	minDelivered = 0.99
	// maxLagOverFloor is how much later than the null-transport floor the p99 hit may leave and
	// still be on time, in seconds.
	maxLagOverFloor = 0.001
	// maxBusy is the share of its CPUs up to which the generator may say of hits that waited that
	// the target kept them waiting: beyond, answers wait for the generator.
	maxBusy = 0.9
	// maxLag is beyond which lag at p99, in seconds, the load has lost the shape that was planned.
	maxLag = 0.1
	// maxSkew is how far the clocks of a run's shards may be apart, in seconds: beyond, their hits did
	// not come in the order and at the distances that were planned.
	maxSkew = 0.01
)

// Window edges do not matter to the shares of the plan: both series only grow, and their last value
// is what counts.
var (
	planned  = promql.Must(`sum(last_over_time(brrtload_planned_total[range()]))`)
	sent     = promql.Must(`sum(last_over_time(brrtload_sent_total[range()]))`)
	lagP99   = promql.Must(`histogram_quantile(0.99, sum(increase(brrtload_lag_seconds[range()] anchored)))`)
	lagMax   = promql.Must(`histogram_quantile(1, sum(increase(brrtload_lag_seconds[range()] anchored)))`)
	floorP99 = promql.Must(`max(last_over_time(brrtload_lag_floor_p99_seconds[range()]))`)
	unsent   = promql.Must(`sum by (kind) (last_over_time(brrtload_unsent_total[range()])) > 0`)
	waited   = promql.Must(`histogram_count(sum(last_over_time(brrtload_waiting_seconds[range()])))`)
	waitP99  = promql.Must(`histogram_quantile(0.99, sum(last_over_time(brrtload_waiting_seconds[range()])))`)
	shards   = promql.Must(`max(last_over_time(brrtload_shards[range()]))`)
	skews    = promql.Must(`sum by (shard) (last_over_time(brrtload_shard_clock_offset_seconds[range()]))`)
	busy     = promql.Must(`sum(rate(brrtload_generator_cpu_seconds_total[range()])) / max(last_over_time(brrtload_generator_cpus[range()]))`)
)

// aboutDelivery is what a report says of the delivery check.
var aboutDelivery = assertions.Heading{ID: assertions.DeliveryID, Kind: "delivery", Severity: assertions.Failing, Window: facts.Run,
	Query: sent.String() + " / " + planned.String(),
	Why:   "a generator that fell behind measures itself: its latencies and rates say nothing about the target",
	Metrics: []string{"brrtload_generator_cpu_seconds_total", "brrtload_generator_cpus",
		"brrtload_lag_floor_p99_seconds", "brrtload_lag_seconds",
		"brrtload_planned_total", "brrtload_sent_total", "brrtload_shard_clock_offset_seconds", "brrtload_shards",
		"brrtload_unsent_total", "brrtload_waiting_seconds"}}

// checkDelivery makes the delivery check over a window. What does not hold is inconclusive, never a
// failure of the target.
func checkDelivery(ctx context.Context, e facts.Evidence, w facts.Window, complete bool) (assertions.Check, Delivered) {
	c := assertions.Check{Heading: aboutDelivery}
	if !complete {
		c.Settle([]assertions.Finding{assertions.NoWindow(w)})
		return c, Delivered{}
	}
	d, err := delivered(ctx, e, w)
	if err != nil {
		c.Verdict, c.Reason = assertions.Error, err.Error()
		return c, Delivered{}
	}
	c.Settle(d.findings())
	return c, d
}

// remedies are what to do about a means that the generator lacked, by the kind of hits that were
// not sent.
var remedies = map[string]string{
	"descriptors": "the generator had no file descriptor left; raise `ulimit -n`, or lower connections",
	"ports":       "the generator had no local port left; keep connections alive, or widen net.ipv4.ip_local_port_range",
	"memory":      "the generator's kernel had no memory left for a connection; lower connections",
	"resolver":    "no name server answered the generator; give an address in place of the name, or mend the resolver",
}

// judgeUnsent returns what the generator lacked for hits that it could not send, in words, and how
// many these are.
func judgeUnsent(ctx context.Context, e facts.Evidence, w facts.Window) (lacked string, hits float64, err error) {
	answer, err := e.Query(ctx, unsent.String(), w)
	for _, s := range answer.Series {
		lacked += fmt.Sprintf("; %s were not sent: %s", quantity.Quantity{Value: s.Value}, remedies[s.Labels["kind"]])
		hits += s.Value
	}
	return lacked, hits, err
}
