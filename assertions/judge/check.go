package judge

import (
	"context"
	"errors"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// check makes the check of one assertion by itself.
func check(ctx context.Context, e facts.Evidence, a assertions.Assertion) assertions.Check {
	c := assertions.Check{Heading: a.About().Heading}
	findings, err := a.Judge(ctx, e)
	var unknown []assertions.Finding
	if err == nil {
		unknown, err = typeless(ctx, e, a)
	}
	var undecided facts.Undecided
	if errors.As(err, &undecided) {
		c.Settle([]assertions.Finding{{Verdict: assertions.Inconclusive, Text: undecided.Why}})
		return c
	}
	var unfit facts.Unfit
	if errors.As(err, &unfit) {
		c.Settle([]assertions.Finding{{Verdict: assertions.DoesNotFit, Text: "the expression cannot be evaluated: " + unfit.Why}})
		return c
	}
	if err != nil {
		c.Verdict, c.Reason = assertions.Error, err.Error()
		return c
	}
	if len(unknown) > 0 {
		c.Findings, c.Verdict, c.Reason = append(unknown, soften(findings)...), assertions.Inconclusive, unknown[0].Text
		return c
	}
	c.Settle(findings)
	return c
}
