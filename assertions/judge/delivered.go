package judge

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Delivered is how the load was sent, in values. Times are seconds, shares ratios. The zero value
// knows nothing.
type Delivered struct {
	Planned, Sent float64
	// Known reports whether it is known how much of the plan was sent.
	Known bool
	// Lag is the p99 of the generator's own lateness, nil when it or the floor is not known.
	Lag *Lag
	// Latest is how late the latest hit was, nil when that is not known.
	Latest *float64
	// Skew is how far the clocks of several generators were apart, nil of one.
	Skew *Skew
	// Waited is how many hits waited for a connection, and WaitedP99 for how long.
	Waited, WaitedP99 float64
	// Busy is the share of its CPUs that the generator used, nil when that is not known.
	Busy *float64

	lacked string // what the generator lacked for hits that it could not send
}

// Lag is how late hits left at p99, and the floor that the generator reaches without a target.
type Lag struct {
	P99, Floor float64
	// Pressure is the share of the time in which some task waited for a CPU, nil when that is not
	// known.
	Pressure *float64
}

// OnTime is the lag up to which the load is on time.
func (l Lag) OnTime() float64 { return l.Floor + maxLagOverFloor }

// Late reports whether the load left late, and Shapeless whether so late that it was another load
// than planned.
func (l Lag) Late() bool      { return l.P99 > l.OnTime() }
func (l Lag) Shapeless() bool { return l.Late() && l.P99 > maxLag }

// delivered measures how the load was sent in a window.
func delivered(ctx context.Context, e facts.Evidence, w facts.Window) (d Delivered, err error) {
	plan, known, err := promql.Single(ctx, e, w, planned)
	if err != nil {
		return d, err
	}
	done, knownSent, err := promql.Single(ctx, e, w, sent)
	if err != nil {
		return d, err
	}
	lacked, notSent, err := judgeUnsent(ctx, e, w)
	if err != nil || !known || !knownSent || plan == 0 {
		return d, err
	}
	d = Delivered{Planned: plan, Sent: done - notSent, Known: true, lacked: lacked}
	if d.Lag, err = lagOf(ctx, e, w); err != nil {
		return d, err
	}
	if d.Skew, err = skewOf(ctx, e, w); err != nil {
		return d, err
	}
	if latest, known, err := promql.Single(ctx, e, w, lagMax); err != nil {
		return d, err
	} else if known {
		d.Latest = &latest
	}
	return d, d.measureWaiting(ctx, e, w)
}

func lagOf(ctx context.Context, e facts.Evidence, w facts.Window) (*Lag, error) {
	lag, known, err := promql.Single(ctx, e, w, lagP99)
	if err != nil {
		return nil, err
	}
	floor, knownFloor, err := promql.Single(ctx, e, w, floorP99)
	if err != nil || !known || !knownFloor {
		return nil, err
	}
	l := &Lag{P99: lag, Floor: floor}
	pressure, known, err := promql.Single(ctx, e, w, pressureCPU)
	if length := w.End.Sub(w.Start).Seconds(); known && length > 0 {
		share := pressure / length
		l.Pressure = &share
	}
	return l, err
}

func (d *Delivered) measureWaiting(ctx context.Context, e facts.Evidence, w facts.Window) error {
	n, known, err := promql.Single(ctx, e, w, waited)
	if err != nil || !known || n == 0 {
		return err
	}
	d.Waited = n
	if d.WaitedP99, _, err = promql.Single(ctx, e, w, waitP99); err != nil {
		return err
	}
	steady, ok := e.Window(facts.Steady)
	if !ok {
		steady = w
	}
	used, known, err := promql.Single(ctx, e, steady, busy)
	if err == nil && known {
		d.Busy = &used
	}
	return err
}

// KeptWaiting reports whether the target kept hits waiting: the generator had CPU time to spare.
func (d Delivered) KeptWaiting() bool { return d.Waited > 0 && d.Busy != nil && *d.Busy <= maxBusy }

// mayHaveDelayed reports whether the generator may have kept hits waiting itself.
func (d Delivered) mayHaveDelayed() bool { return d.Waited > 0 && !d.KeptWaiting() }

// lateness returns how much longer a latency may have been made to look by the generator's doing,
// in seconds, and false when that is not known.
func (d Delivered) lateness() (float64, bool) {
	switch {
	case !d.Known, d.Lag == nil, d.Lag.Shapeless(), d.mayHaveDelayed(), d.Skew.apart():
		return 0, false
	case !d.Lag.Late():
		return 0, true
	case d.Latest == nil:
		return 0, false
	}
	return *d.Latest, true
}

// latestHit returns how late the latest hit was, in seconds, and 0 when that is not known.
func (d Delivered) latestHit() float64 {
	if d.Latest == nil {
		return 0
	}
	return *d.Latest
}

// onlyLag reports whether the generator's lag is all that is wrong with a delivery, besides the
// share that was sent: nothing waited for the generator's own CPU.
func (d Delivered) onlyLag() bool {
	return d.Known && (d.Latest != nil || d.Waited > 0) && !d.mayHaveDelayed() && !d.Skew.apart()
}

// findings returns the findings of the delivery check: the share that was sent, the lag, the latest
// hit, the waiting.
func (d Delivered) findings() []assertions.Finding {
	if !d.Known {
		return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: "how much of the plan was sent is unknown"}}
	}
	share := assertions.Limits{{Operator: ">=", Quantity: quantity.Of(minDelivered, "ratio")}}.Compare(d.Sent / d.Planned)
	share.Text = fmt.Sprintf("%s: %s%s", d.sentence(), share.Text, d.lacked)
	if share.Verdict == assertions.Fail {
		share.Verdict = assertions.Inconclusive
	}
	all := []assertions.Finding{share, d.Lag.finding()}
	if d.Latest != nil {
		latest := *d.Latest
		all = append(all, assertions.Finding{Text: fmt.Sprintf("the latest hit was %s late", quantity.Of(latest, "s")),
			Measured: &latest, Unit: "s"})
	}
	if d.Skew != nil {
		all = append(all, d.Skew.finding())
	}
	if d.Waited > 0 {
		all = append(all, d.waiting())
	}
	return all
}

// sentence returns how much of the plan was sent.
func (d Delivered) sentence() string {
	return fmt.Sprintf("sent %s of the %s hits that were due", quantity.Quantity{Value: d.Sent},
		quantity.Quantity{Value: d.Planned})
}

// waiting returns the finding about hits that waited for a connection. It is never worse than a
// pass: whether a target may keep hits waiting is for latency budgets to say.
func (d Delivered) waiting() assertions.Finding {
	text := fmt.Sprintf("%s of %s hits came due while every connection was busy, and waited for one, at p99 %s",
		quantity.Quantity{Value: d.Waited}, quantity.Quantity{Value: d.Sent}, quantity.Of(d.WaitedP99, "s"))
	if d.Busy == nil {
		return assertions.Finding{Text: text +
			"; how busy the generator was is not known, so a latency budget that failed is inconclusive"}
	}
	f := assertions.Limits{{Operator: "<=", Quantity: quantity.Of(maxBusy, "ratio")}}.Compare(*d.Busy)
	if f.Verdict == assertions.Pass {
		f.Text = text + ": the target's doing, or of too few connections for it"
	} else {
		f.Text = fmt.Sprintf("%s; the generator used its CPU to %s, so that it may have kept them waiting itself", text,
			f.Text)
	}
	f.Verdict = assertions.Pass
	return f
}

func (l *Lag) finding() assertions.Finding {
	if l == nil {
		return assertions.Finding{Verdict: assertions.Inconclusive,
			Text: "the generator's lag, or the floor to hold it against, is not known"}
	}
	f := assertions.Limits{{Operator: "<=", Quantity: quantity.Of(l.OnTime(), "s")}}.Compare(l.P99)
	onTime, floorOnly := quantity.Of(l.OnTime(), "s"), quantity.Of(l.Floor, "s")
	switch {
	case !l.Late():
		f.Text = fmt.Sprintf("lag p99 %s (the floor alone is %s)", f.Text, floorOnly)
	case l.Shapeless():
		f.Verdict = assertions.Inconclusive
		f.Text = fmt.Sprintf("lag p99 %s (the floor alone is %s); so late, it was not the load that was planned",
			f.Text, floorOnly)
		if l.Pressure != nil {
			f.Text += fmt.Sprintf("; CPU pressure %s", quantity.Of(*l.Pressure, "ratio"))
		}
	default:
		f.Verdict = assertions.Pass
		f.Text = fmt.Sprintf("lag p99 %s: late (on time is up to %s; the floor alone is %s), but within the %s up to which it is the planned load; "+
			"a latency budget that failed by less than the latest hit was late is inconclusive",
			quantity.Of(l.P99, "s"), onTime, floorOnly, quantity.Of(maxLag, "s"))
	}
	return f
}
