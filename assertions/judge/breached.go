package judge

import (
	"context"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// Aborts reports whether any of the assertions may end a run early, so that it is worth asking
// [Breached].
func Aborts(list []assertions.Assertion) bool {
	for _, a := range list {
		if a.About().Abort.On {
			return true
		}
	}
	return false
}

// Breached judges the budgets of one window that may end a run early, over so much of it as there
// is, and gives the first that was measured and does not hold. Missing data ends no run: it may
// still come. Nor does a budget that would speak of a generator that is late.
func Breached(ctx context.Context, e facts.Evidence, list []assertions.Assertion, soFar facts.Window) (assertions.Check, bool) {
	for _, a := range list {
		about := a.About()
		if !about.Abort.On || about.Window != soFar.Name || soFar.End.Sub(soFar.Start) < about.Abort.After {
			continue
		}
		c := check(ctx, underWay{e, soFar}, a)
		worst, ok := c.Worst()
		if !ok || c.Verdict != assertions.Fail || worst.Measured == nil {
			continue
		}
		delivery, load := checkDelivery(ctx, underWay{e, soFar}, soFar, true)
		if why, err := suspended(ctx, about, underWay{e, soFar}, c.Verdict, delivery, load); err == nil && why == nil {
			return c, true
		}
	}
	return assertions.Check{}, false
}
