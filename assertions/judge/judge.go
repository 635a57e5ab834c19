// Package judge holds assertions against the evidence of a run, and concludes.
//
// In go assertions and evidence; out comes an [assertions.Judgement]. Each check is made by itself;
// then what cannot stand is overruled: it rests on telemetry that another check found untruthful, on
// a load that was not delivered, or on counts of others. It knows an assertion only by what it says
// of itself.
package judge

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// Judge holds the assertions against the evidence, several at once, and gives their checks in the
// order of the list, after the delivery check, which is always made. Then it overrules the verdicts
// that rest on telemetry found untruthful, or on a load that was not delivered. An assertion that
// could not look is a check with the verdict error; Judge itself fails only when ctx ends.
func Judge(ctx context.Context, e facts.Evidence, list []assertions.Assertion) (assertions.Judgement, error) {
	checks := make([]assertions.Check, len(list)+1)
	var load Delivered
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	var judging sync.WaitGroup
	judge := func(one func()) {
		room <- struct{}{}
		judging.Go(func() {
			defer func() { <-room }()
			one()
		})
	}
	judge(func() {
		w, complete := e.Window(facts.Run)
		checks[0], load = checkDelivery(ctx, e, w, complete)
	})
	for i, a := range list {
		judge(func() { checks[i+1] = check(ctx, e, a) })
	}
	judging.Wait()
	if err := ctx.Err(); err != nil {
		return assertions.Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if err := suspendSeveral(ctx, e, checks, list); err != nil {
		return assertions.Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if err := suspendUndelivered(ctx, e, checks, load, list); err != nil {
		return assertions.Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if err := suspendTraced(ctx, e, checks, list); err != nil {
		return assertions.Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if err := suspendCallers(ctx, e, checks, list); err != nil {
		return assertions.Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	taint(checks, list)
	failing, failed, err := allFailed(ctx, e)
	if err != nil {
		return assertions.Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if failed {
		checks = append(checks, failing)
	}
	if err := suspendForeign(ctx, e, checks); err != nil {
		return assertions.Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	return conclude(checks, load, list), nil
}
