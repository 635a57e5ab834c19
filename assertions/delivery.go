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
// limit that held in spite of the lag holds without it. Nor do those become inconclusive that failed by more than the latest hit was late.
//
// Lag is the generator's own lateness. A hit that came due while every connection was busy waits for the target, which is counted apart; and while
// the generator is on time, hits are not sent for no other reason. A load that a target could not take is not what was planned, so that what held
// under it is still inconclusive; but a latency limit that was exceeded was exceeded under less than the plan, and stands.
type Delivery struct{}

const (
	deliveryID = "delivery"

	// minDelivered is the share of the plan that must have been sent.
	minDelivered = 0.99
	// maxLagOverFloor is how much later than the null-transport floor the p99 hit may leave and still be on time, in seconds.
	maxLagOverFloor = 0.001
	// maxBusy is the share of its CPUs up to which the generator may say of hits that waited that the target kept them waiting: beyond, answers
	// wait for the generator.
	maxBusy = 0.9
	// maxLag is beyond which lag at p99, in seconds, the load has lost the shape that was planned.
	maxLag = 0.1
)

// Window edges do not matter to the shares of the plan: both series only grow, and their last value is what counts.
var (
	planned  = query(`sum(last_over_time(brrtload_planned_total[range()]))`)
	sent     = query(`sum(last_over_time(brrtload_sent_total[range()]))`)
	lagP99   = query(`histogram_quantile(0.99, sum(increase(brrtload_lag_seconds[range()] anchored)))`)
	lagMax   = query(`histogram_quantile(1, sum(increase(brrtload_lag_seconds[range()] anchored)))`)
	floorP99 = query(`max(last_over_time(brrtload_lag_floor_p99_seconds[range()]))`)
	unsent   = query(`sum by (kind) (last_over_time(brrtload_unsent_total[range()])) > 0`)
	waited   = query(`histogram_count(sum(last_over_time(brrtload_waiting_seconds[range()])))`)
	waitP99  = query(`histogram_quantile(0.99, sum(last_over_time(brrtload_waiting_seconds[range()])))`)
	busy     = query(`sum(rate(brrtload_generator_cpu_seconds_total[range()])) / max(last_over_time(brrtload_generator_cpus[range()]))`)
)

// About implements Assertion.
func (Delivery) About() About {
	return About{ID: deliveryID, Kind: "delivery", Severity: Failing, Window: Run, Query: sent.String() + " / " + planned.String(),
		Why: "a generator that fell behind measures itself: its latencies and rates say nothing about the target",
		Metrics: []string{"brrtload_generator_cpu_seconds_total", "brrtload_generator_cpus", "brrtload_lag_floor_p99_seconds", "brrtload_lag_seconds",
			"brrtload_planned_total", "brrtload_sent_total", "brrtload_unsent_total", "brrtload_waiting_seconds"}}
}

// Judge implements Assertion. What does not hold is inconclusive, never a failure of the target.
func (Delivery) Judge(ctx context.Context, e Evidence) ([]Finding, error) {
	w, ok := e.Window(Run)
	if !ok {
		return []Finding{noWindow(w)}, nil
	}
	plan, known, err := single(ctx, e, w, planned)
	if err != nil {
		return nil, err
	}
	done, knownSent, err := single(ctx, e, w, sent)
	if err != nil {
		return nil, err
	}
	lacked, notSent, err := judgeUnsent(ctx, e, w)
	if err != nil {
		return nil, err
	}
	done -= notSent
	if !known || !knownSent || plan == 0 {
		return []Finding{{Verdict: Inconclusive, Text: "it is not known how much of the plan was sent"}}, nil
	}
	share := Limits{{">=", Quantity{minDelivered, "ratio"}}}.judge(done / plan)
	share.Text = fmt.Sprintf("sent %s of the %s hits that were due: %s%s", Quantity{Value: done}, Quantity{Value: plan}, share.Text, lacked)
	lag, err := judgeLag(ctx, e, w)
	if err != nil {
		return nil, err
	}
	if share.Verdict == Fail {
		share.Verdict = Inconclusive
	}
	findings := []Finding{share, lag}
	if latest, known, err := single(ctx, e, w, lagMax); err != nil {
		return nil, err
	} else if known {
		findings = append(findings, Finding{Text: fmt.Sprintf(latestText+"%s late", Quantity{latest, "s"}), Measured: &latest, Unit: "s"})
	}
	waiting, any, err := judgeWaiting(ctx, e, w, done)
	if any {
		findings = append(findings, waiting)
	}
	return findings, err
}

// remedies are what to do about a means that the generator lacked, by the kind of hits that were not sent.
var remedies = map[string]string{
	"descriptors": "the generator had no file descriptor left; raise `ulimit -n`, or lower connections",
	"ports":       "the generator had no local port left; keep connections alive, or widen net.ipv4.ip_local_port_range",
	"memory":      "the generator's kernel had no memory left for a connection; lower connections",
	"resolver":    "no name server answered the generator; give an address in place of the name, or mend the resolver",
}

// judgeUnsent returns what the generator lacked for hits that it could not send, in words, and how many these are.
func judgeUnsent(ctx context.Context, e Evidence, w Window) (lacked string, hits float64, err error) {
	answer, err := e.Query(ctx, unsent.String(), w)
	for _, s := range answer.Series {
		lacked += fmt.Sprintf("; %s were not sent: %s", Quantity{Value: s.Value}, remedies[s.Labels["kind"]])
		hits += s.Value
	}
	return lacked, hits, err
}

// theTargets ends the sentence of hits that waited while the generator had CPU time to spare.
const theTargets = ": the target's doing, or of too few connections for it"

// latestText begins the finding of the latest hit.
const latestText = "the latest hit was "

// judgeWaiting says how many hits waited for a connection, and false when none did. It is never worse than a pass: whether a target may keep hits
// waiting is for latency budgets to say.
func judgeWaiting(ctx context.Context, e Evidence, w Window, sent float64) (Finding, bool, error) {
	n, known, err := single(ctx, e, w, waited)
	if err != nil || !known || n == 0 {
		return Finding{}, false, err
	}
	longest, _, err := single(ctx, e, w, waitP99)
	if err != nil {
		return Finding{}, false, err
	}
	text := fmt.Sprintf("%s of %s hits came due while every connection was busy, and waited for one, at p99 %s", Quantity{Value: n}, Quantity{Value: sent}, Quantity{longest, "s"})
	steady, ok := e.Window(Steady)
	if !ok {
		steady = w
	}
	used, known, err := single(ctx, e, steady, busy)
	switch {
	case err != nil:
		return Finding{}, false, err
	case !known:
		return Finding{Text: text + "; how busy the generator was is not known, so a latency budget that failed is inconclusive", Margin: new(float64(-1))}, true, nil
	}
	f := Limits{{"<=", Quantity{maxBusy, "ratio"}}}.judge(used)
	if f.Verdict == Pass {
		f.Text = text + theTargets
	} else {
		f.Text = fmt.Sprintf("%s; the generator used its CPU to %s, so that it may have kept them waiting itself", text, f.Text)
	}
	f.Verdict = Pass
	return f, true, nil
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
	onTime, floorOnly := Quantity{*f.Limit, "s"}, Quantity{floor, "s"}
	switch {
	case f.Verdict == Pass:
		f.Text = fmt.Sprintf("lag p99 %s (the floor alone is %s)", f.Text, floorOnly)
	case lag > maxLag:
		f.Verdict = Inconclusive
		f.Text = fmt.Sprintf("lag p99 %s (the floor alone is %s); so late, it was not the load that was planned", f.Text, floorOnly)
	default: // the margin stays that of being on time: lateness goes by it
		f.Verdict = Pass
		f.Text = fmt.Sprintf("lag p99 %s: late (on time is up to %s; the floor alone is %s), but within the %s up to which it is the planned load; "+
			"a latency budget that failed by less than the latest hit was late is inconclusive", Quantity{lag, "s"}, onTime, floorOnly, Quantity{maxLag, "s"})
	}
	return f, nil
}

// lateness tells how much longer a latency may have been made to look by the generator's doing, in seconds, and false when that cannot be told. It
// goes by the findings of the delivery check: the share that was sent, the lag, the latest hit, the waiting.
func lateness(delivery Check) (float64, bool) {
	if len(delivery.Findings) < 2 {
		return 0, false
	}
	lag, rest := delivery.Findings[1], delivery.Findings[2:]
	switch {
	case lag.Verdict != Pass, slices.ContainsFunc(rest, tainted):
		return 0, false
	case !tainted(lag):
		return 0, true
	case len(rest) == 0 || rest[0].Measured == nil || rest[0].Unit != "s":
		return 0, false
	}
	return *rest[0].Measured, true
}

// tainted reports whether a finding of the delivery check leaves it open whose doing a long latency is.
func tainted(f Finding) bool { return f.Verdict != Pass || f.Margin != nil && *f.Margin < 0 }

// single gives the value of a query that has one, and false when it gives none.
func single(ctx context.Context, e Evidence, w Window, q Query) (float64, bool, error) {
	answer, err := e.Query(ctx, q.String(), w)
	if err != nil || len(answer.Series) != 1 {
		return 0, false, err
	}
	return answer.Series[0].Value, answer.Series[0].Value == answer.Series[0].Value, nil
}
