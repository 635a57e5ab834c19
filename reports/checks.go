package reports

import (
	"cmp"
	"math"
	"slices"

	"brrtload/assertions"
)

// OfKind returns the checks of which keep holds: the worst first, of those the ones that found it
// out by themselves, then those with the least room, otherwise in their own order.
func OfKind(r Report, keep func(assertions.Check) bool) []assertions.Check {
	var checks []assertions.Check
	for _, c := range r.Checks {
		if keep(c) {
			checks = append(checks, c)
		}
	}
	slices.SortStableFunc(checks, func(a, b assertions.Check) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(Room(a), Room(b)))
	})
	return checks
}

// Broken returns the checks that did not hold, the worst first, warnings last. The slice is the
// caller's.
func Broken(r Report) []assertions.Check {
	return OfKind(r, func(c assertions.Check) bool { return !Held(c) })
}

// rank orders checks: those that decide the verdict, then warnings, then those that held. Of one
// verdict, what another check made of a check comes after what was found by itself.
func rank(c assertions.Check) int {
	switch {
	case !Held(c) && !Decides(c):
		return 1
	case Overruled(c):
		return 3*int(c.Verdict) - 1
	default:
		return 3 * int(c.Verdict)
	}
}

// Room returns the least margin of a check, as a share of its limit; those without a margin come
// last.
func Room(c assertions.Check) float64 {
	worst, _ := c.Worst()
	if worst.Margin == nil || math.IsNaN(*worst.Margin) {
		return math.Inf(1)
	}
	return *worst.Margin
}

// Overruled reports whether the check's verdict is another check's doing: the telemetry it rests on
// lies, or the load was not what was planned.
func Overruled(c assertions.Check) bool {
	worst, ok := c.Worst()
	return ok && worst.Verdict != c.Verdict
}

// Countable reports whether a check compares counts, as identities do.
func Countable(c assertions.Check) bool {
	return slices.ContainsFunc(c.Findings, func(f assertions.Finding) bool { return f.Count != nil })
}

// Measurable reports whether all there is to a check is figures against limits.
func Measurable(c assertions.Check) bool { return c.Kind == "budget" }

// Series returns the findings of a check that compare counts, the worst first.
func Series(c assertions.Check) []assertions.Finding {
	var rows []assertions.Finding
	for _, f := range c.Findings {
		if f.Count != nil {
			rows = append(rows, f)
		}
	}
	slices.SortStableFunc(rows, func(a, b assertions.Finding) int { return cmp.Compare(b.Verdict, a.Verdict) })
	return rows
}

// Sum adds the counts of findings up, each of which has one.
func Sum(rows []assertions.Finding) (all assertions.Count) {
	for _, f := range rows {
		all.Client += f.Count.Client
		all.Ambiguous += f.Count.Ambiguous
		all.Server += f.Count.Server
		all.Difference += f.Count.Difference
	}
	return all
}

// Held reports whether nothing need be said of the check: it held, or there was nothing to hold.
func Held(c assertions.Check) bool { return c.Verdict <= assertions.Pass }

// Decides reports whether a check did not hold and may decide the run's verdict: it is not a mere
// warning.
func Decides(c assertions.Check) bool { return !Held(c) && c.Severity != assertions.Warning }

// CauseOf is why another check overruled this one, without what it found by itself.
func CauseOf(c assertions.Check) string {
	if c.Overruled == nil {
		return c.Reason
	}
	return c.Overruled.Sentence()
}

// Accused reports whether a check was not judged because another one found the telemetry that it
// rests on untruthful.
func Accused(c assertions.Check) bool { return c.Overruled.Accuses() }
