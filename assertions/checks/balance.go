package checks

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Balance is an expression that must be 0 at every scrape: coroutines started, less those ended,
// less those alive.
type Balance struct{ promql.Query }

func (c *Balance) bearing() assertions.Bearing {
	return assertions.Bearing{Queries: []promql.Query{c.Query}, Compares: true}
}

func (c *Balance) window() string    { return facts.Run }
func (c *Balance) metrics() []string { return c.Query.Metrics() }

// query looks more often than scrapes come, so that none is missed; all samples of a scrape have
// one timestamp. A maximum passes over what is no number, and a sum does not.
func (c *Balance) query() string {
	return fmt.Sprintf("max_over_time(abs(%[1]s)[range():100ms]) + 0 * sum_over_time(abs(%[1]s)[range():100ms])",
		c.Query)
}

func (c *Balance) judge(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	missing, err := assertions.Absent(ctx, e, w, c.Query)
	if err != nil || len(missing) > 0 {
		return missing, err
	}
	answer, err := e.Query(ctx, c.query(), w)
	if err != nil {
		return nil, err
	}
	var findings []assertions.Finding
	for _, s := range answer.Series {
		f := assertions.Finding{Series: facts.WithoutName(s.Labels), Samples: answer.Samples,
			Text: facts.Prefix(facts.WithoutName(s.Labels), "in balance at every scrape")}
		if s.Value != 0 { // as is what is no number
			f.Verdict = assertions.Untruthful
			f.Text = facts.Prefix(f.Series, fmt.Sprintf("out of balance by up to %s",
				quantity.Quantity{Value: s.Value}))
		}
		findings = append(findings, f)
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Verdict: assertions.Untruthful, Text: "the expression has no value"}}
	}
	return findings, nil
}
