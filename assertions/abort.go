package assertions

import (
	"context"
	"time"
)

// Abort ends a run early when its budget is breached: there is no use in an hour of load on a service that has failed in its first minute.
type Abort struct {
	// After is how long the budget's window must have lasted before it may end the run.
	After time.Duration `yaml:"after,required"`
}

// Aborts tells whether any of the assertions may end a run early, so that it is worth asking [Breached].
func Aborts(list []Assertion) bool {
	for _, a := range list {
		if b, ok := a.(*Budget); ok && b.Abort != nil {
			return true
		}
	}
	return false
}

// Breached judges the budgets of one window that may end a run early, over so much of it as there is, and gives the first that was measured and does
// not hold. Missing data ends no run: it may still come.
func Breached(ctx context.Context, e Evidence, list []Assertion, soFar Window) (Check, bool) {
	for _, a := range list {
		b, ok := a.(*Budget)
		if !ok || b.Abort == nil || b.In != soFar.Name || b.Severity == Warning || soFar.End.Sub(soFar.Start) < b.Abort.After {
			continue
		}
		c := check(ctx, underWay{e, soFar}, b)
		if worst, ok := c.Worst(); ok && c.Verdict == Fail && worst.Measured != nil {
			return c, true
		}
	}
	return Check{}, false
}

// underWay is evidence of which one window is not over yet.
type underWay struct {
	Evidence
	window Window
}

func (u underWay) Window(name string) (Window, bool) {
	if name == u.window.Name {
		return u.window, true
	}
	return u.Evidence.Window(name)
}
