package judge

import (
	"context"
	"fmt"
	"math"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// suspendUndelivered makes the verdicts inconclusive that would speak of the generator, or of a
// machine that others used, when the load was not delivered as planned. The checks are those of the
// list, with the delivery check before them.
func suspendUndelivered(ctx context.Context, e facts.Evidence, checks []assertions.Check, load Delivered, list []assertions.Assertion) error {
	for i, a := range list {
		c := &checks[i+1]
		about := a.About()
		if about.Limits == nil {
			continue
		}
		why, err := suspended(ctx, about, e, c.Verdict, checks[0], load)
		if err != nil {
			return err
		}
		if why != nil {
			c.Overrule(assertions.Inconclusive, *why)
		}
	}
	return nil
}

// suspended returns why what a budget found does not hold good with a load that was delivered like
// this, on a machine like this; nil when it does. Lateness and want of CPU time only make
// latencies, queues and what is in flight larger: a pass stands.
func suspended(ctx context.Context, a assertions.About, e facts.Evidence, found assertions.Verdict, delivery assertions.Check,
	load Delivered) (*assertions.Overruled, error) {
	timed, rated := a.Queries[0].Timed(), a.Queries[0].Rated()
	why := &assertions.Overruled{Cause: assertions.Undelivered, By: assertions.DeliveryID,
		Text: fmt.Sprintf("the load was not delivered as planned (%s)", delivery.Sentence())}
	late, known := load.lateness()
	switch {
	case found == assertions.Error || found == assertions.DoesNotFit || !timed && !rated:
		return nil, nil
	case found != assertions.Fail && (delivery.Verdict == assertions.Pass || !rated && !a.Queries[0].Clients()):
		return nil, nil
	case found != assertions.Fail:
		return why, nil
	case !timed && known && late == 0 && delivery.Verdict == assertions.Pass:
		return nil, nil
	case !timed:
		return why, nil
	}
	// It failed, under less than the plan, perhaps: so it stands when it failed by more than what
	// is not the target's doing.
	starved, pressed, err := starved(ctx, a, e)
	if err != nil {
		return nil, err
	}
	latest := load.latestHit()
	// what was sent is not known, nor anything that could excuse the service
	if !load.Known && !a.Queries[0].Clients() {
		known = true
	}
	if load.onlyLag() && !known && latest > 0 {
		late, known = shapeless*latest, true
	}
	if pressed {
		why = &assertions.Overruled{Cause: assertions.Busy, Text: starved}
		late, known = max(late, shapeless*latest), known && latest > 0
	}
	if known && late == 0 {
		return nil, nil
	}
	if known {
		stands, err := failsWithout(ctx, a, e, late)
		if stands || err != nil {
			return nil, err
		}
	}
	return why, nil
}

// shapeless is by how many times the lateness of the latest hit a latency may be longer when the
// load lost its shape, or others used the CPUs: hits that leave late leave in bursts and queue, and
// a request waits for a CPU more than once.
const shapeless = 10

// maxOthers is the share of the machine's CPUs that others may use, and maxPressure that of the
// time in which some task waits for a CPU, until a latency that is too long may be theirs. Both
// must be exceeded: a service that uses all CPUs itself makes pressure, too.
const (
	maxOthers   = 0.2
	maxPressure = 0.2
)

var (
	othersCPU = promql.Must(`(
  sum(increase(brrtload_machine_cpu_seconds_total[range()] anchored)) - sum(increase(brrtload_generator_cpu_seconds_total[range()] anchored))
  - (sum(increase(brrtload_target_group_cpu_seconds_total[range()] anchored)) or vector(0))
) / max(max_over_time(brrtload_machine_cpus[range()]))`)
	pressureCPU = promql.Must(`sum(increase(brrtload_machine_cpu_pressure_seconds_total[range()] anchored))`)
)

// starved reports that other processes had the CPUs in the budget's window, and false when they had
// not, or that is not known.
func starved(ctx context.Context, a assertions.About, e facts.Evidence) (string, bool, error) {
	w, ok := e.Window(a.Window)
	length := w.End.Sub(w.Start).Seconds()
	if !ok || length <= 0 {
		return "", false, nil
	}
	others, known, err := promql.Single(ctx, e, w, othersCPU)
	if err != nil || !known {
		return "", false, err
	}
	pressure, known, err := promql.Single(ctx, e, w, pressureCPU)
	if err != nil || !known || others/length <= maxOthers || pressure/length <= maxPressure {
		return "", false, err
	}
	return fmt.Sprintf("other processes used %s of the CPUs (CPU pressure %s), which can explain it",
		quantity.Of(others/length, "ratio"), quantity.Of(pressure/length, "ratio")), true, nil
}

// failsWithout reports whether the budget fails still when all times in it are this many seconds
// shorter.
func failsWithout(ctx context.Context, a assertions.About, e facts.Evidence, late float64) (bool, error) {
	w, ok := e.Window(a.Window)
	shorter := a.Queries[0].Shortened(late)
	if !ok || shorter == "" {
		return false, nil
	}
	answer, err := e.Query(ctx, shorter, w)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(answer.Series, func(s facts.Series) bool {
		return !math.IsNaN(s.Value) && a.Limits.Compare(s.Value).Verdict == assertions.Fail
	}), nil
}
