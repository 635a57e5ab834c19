package checks

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Close says that what the service reports of itself is what an observer saw from outside: its CPU
// time against the kernel's clock of the process.
type Close struct {
	Reported  promql.Query    `yaml:"reported,required"`  // PromQL, of the service
	Observed  promql.Query    `yaml:"observed,required"`  // PromQL, of an observer outside the service
	Tolerance quantity.Amount `yaml:"tolerance,required"` // as a share of what was observed
	AtLeast   quantity.Amount `yaml:"at_least"`           // a difference below this is none
	In        string          `yaml:"in"`                 // run when empty
	// LookBack is how far back a summary's quantiles look: 10m by default, as with most libraries.
	// They are compared over the last so much of the window, which must be longer, so that nothing
	// of the time before is in them.
	LookBack time.Duration `yaml:"look_back"`
}

// usualLookBack is how far back the quantiles of a summary look unless their library is asked for
// something else.
const usualLookBack = 10 * time.Minute

func (c *Close) bearing() assertions.Bearing {
	return assertions.Bearing{Queries: []promql.Query{c.Reported, c.Observed}}
}

func (c *Close) window() string {
	if c.In == "" {
		return facts.Run
	}
	return c.In
}

func (c *Close) metrics() []string { return c.Reported.Metrics() }
func (c *Close) query() string     { return c.Reported.String() }

// lookBack returns how far back what is reported looks: not at all, unless it is a quantile of a
// summary.
func (c *Close) lookBack() time.Duration {
	quantile := func(m *labels.Matcher) bool { return m.Name == "quantile" }
	if !slices.ContainsFunc(c.Reported.Selectors(), func(s promql.Selector) bool { return slices.ContainsFunc(s.Matchers, quantile) }) {
		return 0
	}
	return cmp.Or(c.LookBack, usualLookBack)
}

// calm returns the end of the window that what is reported looks back over, and false when the
// window is no longer than that.
func (c *Close) calm(w facts.Window) (facts.Window, bool) {
	back := c.lookBack()
	if back == 0 {
		return w, true
	}
	calm := facts.Window{Name: w.Name, Start: w.End.Add(-back), End: w.End}
	return calm, calm.Start.After(w.Start)
}

func (c *Close) judge(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	calm, ok := c.calm(w)
	if !ok {
		return []assertions.Finding{{Verdict: assertions.NotApplicable, Text: fmt.Sprintf("%s lasts %s, and a summary's quantiles look back %s; compare them in a longer phase of steady load",
			w.Name, w.End.Sub(w.Start).Round(time.Second), c.lookBack())}}, nil
	}
	w = calm
	observed, known, err := promql.Single(ctx, e, w, c.Observed)
	if err != nil {
		return nil, err
	}
	if !known {
		return []assertions.Finding{{Verdict: assertions.NotApplicable, Text: "it was not observed from outside"}}, nil
	}
	if slices.ContainsFunc(c.Observed.Metrics(), func(m string) bool { return strings.HasPrefix(m, "brrtload_target_") }) {
		if why, err := doubts.OtherProcess(ctx, e, w); err != nil || why != "" {
			return []assertions.Finding{{Verdict: assertions.NotApplicable, Text: why}}, err
		}
	}
	for _, metric := range c.metrics() {
		if there, err := promql.Present(ctx, e, w, metric); err != nil || !there {
			return []assertions.Finding{{Verdict: assertions.NotApplicable,
				Text: fmt.Sprintf("%s is not exposed", metric)}}, err
		}
	}
	reported, known, err := promql.Single(ctx, e, w, c.Reported)
	if err != nil {
		return nil, err
	}
	if !known {
		return []assertions.Finding{{Verdict: assertions.Untruthful,
			Text: fmt.Sprintf("%s gives no single value", c.Reported)}}, nil
	}
	f := assertions.Finding{Measured: &reported, Unit: c.AtLeast.Unit, Text: fmt.Sprintf("%s reported, %s observed",
		quantity.Of(reported, c.AtLeast.Unit), quantity.Of(observed, c.AtLeast.Unit))}
	share := c.Tolerance.Value * math.Abs(observed)
	if math.Abs(reported-observed) > max(share, c.AtLeast.Value) {
		f.Verdict = assertions.Untruthful
		limit := c.Tolerance
		if c.AtLeast.Value > share {
			limit = c.AtLeast
		}
		f.Text += fmt.Sprintf(", further apart than %s", limit)
	}
	return []assertions.Finding{f}, nil
}
