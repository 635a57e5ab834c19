package run

import (
	"context"
	"fmt"
	"time"

	"brrtload/assertions/judge"
	"brrtload/internal/quantity"
	"brrtload/reports"
)

const (
	// lookEvery is how often budgets that may end the run are looked at, at most.
	lookEvery = time.Second
	// restBetween is how many times as long as a look took is waited for the next: the machine is
	// the load's.
	restBetween = 20
)

// watchBudgets ends the load when a budget is breached that may do so. It returns when the load is
// over.
func (r *runner) watchBudgets(ctx context.Context) {
	if r.Shard != nil || !r.Decide && !judge.Aborts(r.Assertions) {
		return
	}
	breachedIn := judge.Breached
	if r.Decide {
		breachedIn = judge.Decided
	}
	wait := lookEvery
	for {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		began := time.Now()
		for _, w := range r.underWay(began) {
			if c, breached := breachedIn(ctx, r.store, r.Assertions, w); breached && ctx.Err() == nil {
				r.report.End = reports.Aborted
				r.marks.add(time.Now(), "%s ended the load", c.ID)
				r.report.Cause = fmt.Sprintf("%s ended the run %s into %s: %s", c.ID,
					quantity.Of(w.End.Sub(w.Start).Seconds(), "s"), w.Name, c.Reason)
				r.say("%s", r.report.Cause)
				close(r.enough)
				return
			}
		}
		wait = max(lookEvery, restBetween*time.Since(began))
	}
}
