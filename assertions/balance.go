package assertions

import (
	"context"
	"fmt"
)

// Balance is an expression that must be 0 at every scrape: coroutines started, less those ended, less those alive.
type Balance struct{ Query }

func (c *Balance) bearing() Bearing {
	return Bearing{Queries: []Query{c.Query}, Compares: true}
}

func (c *Balance) window() string    { return Run }
func (c *Balance) metrics() []string { return c.Query.metrics() }

// query looks more often than scrapes come, so that none is missed; all samples of a scrape have one timestamp. A maximum passes over what is no number,
// and a sum does not.
func (c *Balance) query() string {
	return fmt.Sprintf("max_over_time(abs(%[1]s)[range():100ms]) + 0 * sum_over_time(abs(%[1]s)[range():100ms])", c.Query)
}

func (c *Balance) judge(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	missing, err := absent(ctx, e, w, c.Query)
	if err != nil || len(missing) > 0 {
		return missing, err
	}
	answer, err := e.Query(ctx, c.query(), w)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, s := range answer.Series {
		f := Finding{Series: withoutName(s.Labels), Samples: answer.Samples, Text: prefix(withoutName(s.Labels), "in balance at every scrape")}
		if s.Value != 0 { // as is what is no number
			f.Verdict = Untruthful
			f.Text = prefix(f.Series, fmt.Sprintf("out of balance by up to %s", Quantity{Value: s.Value}))
		}
		findings = append(findings, f)
	}
	if len(findings) == 0 {
		findings = []Finding{{Verdict: Untruthful, Text: "the expression gives no value"}}
	}
	return findings, nil
}
