package judge

import (
	"context"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// suspendForeign makes every verdict inconclusive when it was not the target that answered: neither
// its command nor a process that it started listened at its address.
func suspendForeign(ctx context.Context, e facts.Evidence, checks []assertions.Check) error {
	w, ok := e.Window(facts.Scraped)
	if !ok {
		return nil
	}
	foreign, known, err := promql.Single(ctx, e, w, promql.Must(`max(max_over_time(brrtload_target_foreign[range()]))`))
	if err != nil || !known || foreign == 0 {
		return err
	}
	for i := range checks {
		if c := &checks[i]; c.Verdict != assertions.NotApplicable && c.Verdict != assertions.Error {
			c.Overrule(assertions.Inconclusive, assertions.Overruled{Cause: assertions.Foreign, Text: notTheTarget})
		}
	}
	return nil
}

const notTheTarget = "neither the target's command nor a process that it started listens at the target's address, " +
	"so that something else was measured; when the command starts the service elsewhere, write target.listener: any"
