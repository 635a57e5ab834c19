package assertions

import (
	"context"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Abort ends a run early when its budget is breached: there is no use in an hour of load on a
// service that has failed in its first minute. It is written true, false or {after: DURATION}.
type Abort struct {
	On bool `yaml:"-"`
	// After is how long the budget's window must have lasted before it may end the run; the first
	// seconds of a percentile are noise.
	After time.Duration `yaml:"after,required"`
}

// UnmarshalNode implements diag.Unmarshaler.
func (a *Abort) UnmarshalNode(n diag.Node) error {
	if n.IsScalar() {
		return n.Decode(&a.On)
	}
	type fields Abort
	a.On = true
	if err := n.Decode((*fields)(a)); err != nil {
		return err
	}
	if a.After < 0 {
		return n.Errorf("a budget ends a run after 0s or more, got %s", a.After)
	}
	return nil
}

// Aborts reports whether any of the assertions may end a run early, so that it is worth asking
// [Breached].
func Aborts(list []Assertion) bool {
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
func Breached(ctx context.Context, e facts.Evidence, list []Assertion, soFar facts.Window) (Check, bool) {
	for _, a := range list {
		about := a.About()
		if !about.Abort.On || about.Window != soFar.Name || soFar.End.Sub(soFar.Start) < about.Abort.After {
			continue
		}
		c := check(ctx, underWay{e, soFar}, a)
		worst, ok := c.Worst()
		if !ok || c.Verdict != Fail || worst.Measured == nil {
			continue
		}
		delivery, load := checkDelivery(ctx, underWay{e, soFar}, soFar, true)
		if why, err := about.suspended(ctx, underWay{e, soFar}, c.Verdict, delivery, load); err == nil && why == nil {
			return c, true
		}
	}
	return Check{}, false
}

// underWay is evidence of which one window is not over yet.
type underWay struct {
	facts.Evidence
	window facts.Window
}

func (u underWay) Window(name string) (facts.Window, bool) {
	if name == u.window.Name {
		return u.window, true
	}
	return u.Evidence.Window(name)
}
