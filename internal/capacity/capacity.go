package capacity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
)

// Options are how the knee is sought. All must be given.
type Options struct {
	Search
	// Probe sends the rate for a while, or for a multiple of it, and returns the report of that run.
	// It is called with numbers from 1.
	Probe func(ctx context.Context, n int, rate float64, multiple int) (reports.Report, error)
	Say   func(text string) // to the person who waits
}

// ErrUnfit is the error of a service that cannot be probed, whatever the rate: its telemetry does not
// tell the truth, an assertion does not fit it, or it cannot be reached.
var ErrUnfit = errors.New("the service cannot be probed")

// longer is by which factor the next probe of a rate is longer when budgets had too few observations.
const longer = 3

// Run seeks the rate at which the budgets break. When ctx ends it returns what was found so far with
// its cause.
func Run(ctx context.Context, o Options) (reports.Capacity, error) {
	c := reports.Capacity{Min: o.Min, Max: o.Max, Precision: o.Precision}
	var done []Probe
	multiples := map[float64]int{} // of a probe's length, by rate
	for {
		rate, more := o.Next(done)
		if !more {
			conclude(&c, done)
			return c, nil
		}
		n := len(done) + 1
		multiple := max(1, multiples[rate])
		r, err := o.Probe(ctx, n, rate, multiple)
		if err == nil {
			err = context.Cause(ctx)
		}
		if err == nil && (r.End == reports.Interrupted) {
			err = context.Canceled
		}
		if err != nil {
			conclude(&c, done)
			return c, err
		}
		probe, standing, err := look(r, rate)
		c.Probes = append(c.Probes, probe)
		if err != nil {
			conclude(&c, done)
			return c, err
		}
		done = append(done, Probe{rate, standing})
		if standing == Undecided {
			multiples[rate] = multiple * longer
		}
		o.Say(fmt.Sprintf("probe %d: %s hits/s %s", n, quantity.Count(rate), probe.Sentence()))
	}
}

// look reads what a probe's report shows of its rate.
func look(r reports.Report, rate float64) (reports.CapacityProbe, Standing, error) {
	p := reports.CapacityProbe{Rate: rate, Seconds: r.Seconds, Planned: r.Generator.Planned, Sent: r.Generator.Sent,
		Reason: r.Reason, Directory: r.Directory}
	for _, q := range r.Requests {
		if q.Name == reports.Total {
			p.Latency, p.Done = q.Latency, q.Rate
			if q.Hits > 0 {
				p.Errors = float64(q.Errors) / float64(q.Hits)
			}
		}
	}
	delivered := true
	for _, c := range r.Checks {
		if c.Kind == "delivery" {
			delivered = c.Verdict == assertions.Pass
			continue
		}
		worst, ok := c.Worst()
		if !ok || worst.Measured == nil || worst.Limit == nil {
			continue
		}
		p.Budgets = append(p.Budgets, reports.CapacityBudget{ID: c.ID, Measured: *worst.Measured, Operator: worst.Operator,
			Limit: *worst.Limit, Unit: worst.Unit, Failed: reports.Decides(c) && c.Verdict == assertions.Fail})
	}
	standing, err := stands(r, delivered)
	p.Standing = []string{reports.RateHolds, reports.RateBreaks, reports.RateUndecided, reports.RateUnclear}[standing]
	p.Generator = err == nil && standing == Unclear
	return p, standing, err
}

// maxBusy is the share of its CPUs up to which a generator that did not send everything may say that
// the service kept its connections busy.
const maxBusy = 0.9

func stands(r reports.Report, delivered bool) (Standing, error) {
	failed := slices.ContainsFunc(r.Checks, func(c assertions.Check) bool {
		return reports.Decides(c) && c.Verdict == assertions.Fail
	})
	g := r.Generator
	switch {
	case r.End == reports.TargetDied, r.End == reports.MetricsLost:
		return Breaks, nil
	case r.End == reports.Unreachable, r.End == reports.Failed:
		return Unclear, fmt.Errorf("%w: %s", ErrUnfit, r.Reason)
	case failed && pressed(r) && !byFar(r):
		return Unclear, nil // the service may have had no CPU
	case failed, r.End == reports.Aborted:
		return Breaks, nil
	case r.Verdict == assertions.Pass:
		return Holds, nil
	case r.Verdict > assertions.Inconclusive:
		return Unclear, fmt.Errorf("%w: %s", ErrUnfit, r.Sentence())
	case !delivered && g.Waited > 0 && g.Lag.P99 <= g.Floor.P99+0.001 && busy(r) <= maxBusy:
		return Breaks, nil // the generator was on time, and had no connection left: the service held them all
	case delivered:
		return Undecided, nil
	}
	return Unclear, nil
}

// When others have the CPUs: some task waited for one for more than this share of the time, while
// generator and service used less than that share of them.
const (
	maxPressure = 0.2
	ownShare    = 0.5
)

// pressed reports whether others than generator and service had the machine's CPUs, as far as is known:
// what a service uses that brrtload did not start is not.
func pressed(r reports.Report) bool {
	all := r.Seconds * float64(r.Where.CPUs)
	return r.Where.Pressure > maxPressure && all > 0 && (r.Generator.CPUSeconds+r.Target.CPUSeconds)/all < ownShare
}

// beyond is how far beyond its limit a budget must be, as a share of that, to have failed whatever the
// machine did.
const beyond = 2

// byFar reports whether some budget failed by that much, or without a margin.
func byFar(r reports.Report) bool {
	return slices.ContainsFunc(r.Checks, func(c assertions.Check) bool {
		worst, ok := c.Worst()
		return reports.Decides(c) && c.Verdict == assertions.Fail && (!ok || worst.Margin == nil || *worst.Margin <= -beyond)
	})
}

// busy is the share of its CPUs that the generator used.
func busy(r reports.Report) float64 {
	if r.Seconds == 0 || r.Where.GOMAXPROCS == 0 {
		return 1
	}
	return r.Generator.CPUSeconds / r.Seconds / float64(r.Where.GOMAXPROCS)
}

// conclude works out the knee and what broke first.
func conclude(c *reports.Capacity, done []Probe) {
	low, high, top := Between(done)
	c.Low, c.Limit = low, reports.LimitNone
	switch {
	case len(done) == 0:
	case !math.IsInf(high, 1) && low == 0:
		c.High, c.Limit = high, reports.LimitMinimum
	case !math.IsInf(high, 1):
		c.High, c.Knee, c.Limit = high, math.Sqrt(low*high), reports.LimitService
	}
	switch top {
	case Unclear:
		c.Limit = reports.LimitGenerator
	case Undecided:
		c.Limit = reports.LimitUndecided
	}
	c.Broke = broken(c.Probes, high)
}

// broken returns the budgets that failed, each at the lowest rate at which it did, those first that
// failed at the lowest. What failed below the knee by chance is left out.
func broken(probes []reports.CapacityProbe, high float64) (list []reports.CapacityBroke) {
	for _, p := range probes {
		if p.Rate < high {
			continue
		}
		for _, b := range p.Budgets {
			if !b.Failed {
				continue
			}
			found := reports.CapacityBroke{CapacityBudget: b, Rate: p.Rate}
			i := slices.IndexFunc(list, func(o reports.CapacityBroke) bool { return o.ID == b.ID })
			if i < 0 {
				list = append(list, found)
			} else if p.Rate < list[i].Rate {
				list[i] = found
			}
		}
	}
	slices.SortStableFunc(list, func(a, b reports.CapacityBroke) int {
		return cmp.Or(cmp.Compare(a.Rate, b.Rate), cmp.Compare(b.Over(), a.Over()))
	})
	return list
}

// Settle puts a capacity into a report, with the verdict that it deserves.
func Settle(r *reports.Report, c reports.Capacity) {
	r.Capacity = &c
	r.End = reports.Completed
	r.Settle(Judgement(c))
}

// Judgement is the verdict of a search, without checks: those are the probes'.
func Judgement(c reports.Capacity) assertions.Judgement {
	return assertions.Judgement{Verdict: verdict(c), Reason: c.Sentence()}
}

func verdict(c reports.Capacity) assertions.Verdict {
	switch {
	case c.Limit == reports.LimitGenerator || c.Limit == reports.LimitUndecided || len(c.Probes) == 0:
		return assertions.Inconclusive
	case c.Limit == reports.LimitMinimum:
		return assertions.Fail
	}
	return assertions.Pass
}
