package checks

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Close says that what the service reports of itself is what an observer saw from outside: its CPU
// time against the kernel's clock of the process.
type Close struct {
	Reported  promql.Query     `yaml:"reported,required"`  // PromQL, of the service
	Observed  promql.Query     `yaml:"observed,required"`  // PromQL, of an observer outside the service
	By        promql.LabelName `yaml:"by"`                 // a label: each of its values that both sides have is compared; without it there is one
	Tolerance quantity.Amount  `yaml:"tolerance,required"` // as a share of what was observed
	AtLeast   quantity.Amount  `yaml:"at_least"`           // a difference below this is none
	Error     promql.Query     `yaml:"error"`              // PromQL: how far off the observer may be, by the same label; none by default
	Only      Side             `yaml:"only"`               // "more": more reported than observed is wrong, less is not; "less": the other way round; both by default
	In        string           `yaml:"in"`                 // run when empty
	// LookBack is how far back a summary's quantiles look: 10m by default, as with most libraries.
	// They are compared over the last so much of the window, which must be longer, so that nothing
	// of the time before is in them.
	LookBack time.Duration `yaml:"look_back"`
}

// Side is the difference that is wrong, where only one is.
type Side string

// The sides.
const (
	More Side = "more" // reported than observed
	Less Side = "less"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Side) UnmarshalText(text []byte) error { return diag.Choose(s, text, More, Less) }

// wrong reports whether a difference, reported less observed, is one beyond a limit.
func (s Side) wrong(difference, limit float64) bool {
	switch s {
	case More:
		return !(difference <= limit) // nor NaN
	case Less:
		return !(-difference <= limit)
	}
	return !(math.Abs(difference) <= limit)
}

// usualLookBack is how far back the quantiles of a summary look unless their library is asked for
// something else.
const usualLookBack = 10 * time.Minute

func (c *Close) bearing() assertions.Bearing {
	queries := []promql.Query{c.Reported, c.Observed}
	if !c.Error.IsZero() {
		queries = append(queries, c.Error)
	}
	return assertions.Bearing{Queries: queries}
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
	observed, known, err := c.values(ctx, e, w, c.Observed)
	if err != nil {
		return nil, err
	}
	if !known || len(observed) == 0 {
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
	reported, known, err := c.values(ctx, e, w, c.Reported)
	if err != nil {
		return nil, err
	}
	if !known {
		return []assertions.Finding{{Verdict: assertions.Untruthful,
			Text: fmt.Sprintf("%s gives no single value", c.Reported)}}, nil
	}
	off := map[string]float64{}
	if !c.Error.IsZero() {
		if off, _, err = c.values(ctx, e, w, c.Error); err != nil {
			return nil, err
		}
	}
	return c.compare(reported, observed, off), nil
}

// values returns what a query gives by the label, and false where that is not one value each.
// Without a label there is one, under "".
func (c *Close) values(ctx context.Context, e facts.Evidence, w facts.Window, q promql.Query) (map[string]float64, bool, error) {
	if c.By == "" {
		value, known, err := promql.Single(ctx, e, w, q)
		return map[string]float64{"": value}, known, err
	}
	answer, err := e.Query(ctx, q.String(), w)
	values, known := map[string]float64{}, true
	for _, s := range answer.Series {
		of := s.Labels[string(c.By)]
		if _, twice := values[of]; twice {
			known = false
		}
		if values[of] = s.Value; math.IsNaN(s.Value) {
			delete(values, of)
		}
	}
	return values, known, err
}

// compare holds what both sides have against each other.
func (c *Close) compare(reported, observed, off map[string]float64) (findings []assertions.Finding) {
	for _, of := range slices.Sorted(maps.Keys(observed)) {
		if value, there := reported[of]; there {
			by, known := off[of]
			f := c.finding(value, observed[of], by, known || c.Error.IsZero())
			if c.By != "" {
				f.Series = map[string]string{string(c.By): of}
				f.Text = facts.Prefix(f.Series, f.Text)
			}
			findings = append(findings, f)
		}
	}
	if len(findings) == 0 {
		return []assertions.Finding{{Verdict: assertions.NotApplicable,
			Text: fmt.Sprintf("no value of %s was both reported and observed", c.By)}}
	}
	return findings
}

// finding compares two values, where the observer may be off by an error, if that is known.
func (c *Close) finding(reported, observed, off float64, known bool) assertions.Finding {
	in := func(value float64) string { return quantity.Of(value, c.AtLeast.Unit).String() }
	f := assertions.Finding{Measured: &reported, Unit: c.AtLeast.Unit,
		Text: fmt.Sprintf("%s reported, %s observed", in(reported), in(observed))}
	limit, words := c.Tolerance.Value*math.Abs(observed), c.Tolerance.String()
	if c.AtLeast.Value > limit {
		limit, words = c.AtLeast.Value, c.AtLeast.String()
	}
	if off > 0 {
		limit += off
		words += ", and " + in(off) + " that the observer may be off"
	}
	switch {
	case !known || math.IsNaN(off):
		f.Verdict = assertions.NotApplicable
		f.Text += ": how far off the observer may be is unknown"
	case c.Only.wrong(reported-observed, limit):
		f.Verdict = assertions.Untruthful
		f.Text += map[Side]string{"": ", further apart than ", More: ", more by over ", Less: ", less by over "}[c.Only] + words
	case off > 0 && off >= math.Abs(observed):
		f.Verdict = assertions.NotApplicable
		f.Text += fmt.Sprintf(", and the observer may be off by %s: too little to compare", in(off))
	}
	return f
}
