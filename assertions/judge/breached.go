package judge

import (
	"context"
	"time"

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
	lasted := soFar.End.Sub(soFar.Start)
	return firstBreached(ctx, e, list, soFar,
		func(a assertions.About) bool { return a.Abort.On && lasted >= a.Abort.After },
		func(assertions.Finding) bool { return true })
}

// When a budget has failed for good, for [Decided]: so long after its window began, and so far beyond
// its limit, as a share of that.
const (
	decidedAfter = 3 * time.Second
	decidedBy    = 0.5
)

// Decided is [Breached] for every budget that may decide a run, when it is so far beyond its limit
// that the rest of the window will hardly mend it.
func Decided(ctx context.Context, e facts.Evidence, list []assertions.Assertion,
	soFar facts.Window) (assertions.Check, bool) {
	lasted := soFar.End.Sub(soFar.Start)
	return firstBreached(ctx, e, list, soFar,
		func(a assertions.About) bool {
			return a.Limits != nil && a.Severity != assertions.Warning && lasted >= decidedAfter
		},
		func(worst assertions.Finding) bool { return worst.Margin != nil && *worst.Margin <= -decidedBy })
}

// firstBreached returns the first budget of a window that was measured and does not hold, of those
// that are asked about, and by enough.
func firstBreached(ctx context.Context, e facts.Evidence, list []assertions.Assertion, soFar facts.Window,
	asked func(assertions.About) bool, enough func(worst assertions.Finding) bool) (assertions.Check, bool) {
	for _, a := range list {
		about := a.About()
		if about.Window != soFar.Name || !asked(about) {
			continue
		}
		c := check(ctx, underWay{e, soFar}, a)
		worst, ok := c.Worst()
		if !ok || c.Verdict != assertions.Fail || worst.Measured == nil || !enough(worst) {
			continue
		}
		delivery, load := checkDelivery(ctx, underWay{e, soFar}, soFar, true)
		if why, err := suspended(ctx, about, underWay{e, soFar}, c.Verdict, delivery, load); err == nil && why == nil {
			return c, true
		}
	}
	return assertions.Check{}, false
}
