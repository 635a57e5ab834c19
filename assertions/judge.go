package assertions

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Judge holds the assertions against the evidence, several at once, and gives their checks in the
// order of the list, after the delivery check, which is always made. Then it overrules the verdicts
// that rest on telemetry found untruthful, or on a load that was not delivered. An assertion that
// could not look is a check with the verdict error; Judge itself fails only when ctx ends.
func Judge(ctx context.Context, e facts.Evidence, list []Assertion) (Judgement, error) {
	checks := make([]Check, len(list)+1)
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
		return Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if err := suspendSeveral(ctx, e, checks, list); err != nil {
		return Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if err := suspendUndelivered(ctx, e, checks, load, list); err != nil {
		return Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if err := suspendCallers(ctx, e, checks, list); err != nil {
		return Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	taint(checks, list)
	failing, failed, err := allFailed(ctx, e)
	if err != nil {
		return Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	if failed {
		checks = append(checks, failing)
	}
	if err := suspendForeign(ctx, e, checks); err != nil {
		return Judgement{}, fmt.Errorf("judge the run: %w", err)
	}
	return conclude(checks, load, list), nil
}

func check(ctx context.Context, e facts.Evidence, a Assertion) Check {
	c := Check{Heading: a.About().Heading}
	findings, err := a.Judge(ctx, e)
	var unknown []Finding
	if err == nil {
		unknown, err = typeless(ctx, e, a)
	}
	if err != nil {
		c.Verdict, c.Reason = Error, err.Error()
		return c
	}
	if len(unknown) > 0 {
		c.Findings, c.Verdict, c.Reason = append(unknown, soften(findings)...), Inconclusive, unknown[0].Text
		return c
	}
	c.settle(findings)
	return c
}

// settle returns the check the verdict of its worst finding.
func (c *Check) settle(findings []Finding) {
	c.Findings, c.Verdict = findings, NotApplicable
	for _, f := range findings {
		c.Verdict = c.Verdict.Worse(f.Verdict)
	}
	worst, ok := c.Worst()
	if !ok {
		c.Verdict, worst.Text = Inconclusive, "nothing was looked at"
	}
	c.Reason = worst.Text
	// A pack, and what follows from a scenario, is for services with certain metrics; a contract
	// says which this one must have.
	if _, shipped := c.Position.Shipped(); (shipped || c.Position == (diag.Position{})) && c.Verdict == DoesNotFit {
		c.Verdict = NotApplicable
	}
}
