package chart

import (
	"fmt"
	"html/template"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// Residual draws by how much more the client counted, with the band of what may or may not be
// counted.
func Residual(t reports.Timeline, r reports.Residual) template.HTML {
	low, high := make(reports.Values, len(r.Values)), make(reports.Values, len(r.Values))
	for i, v := range r.Values {
		low[i], high[i] = v, v
		if i < len(r.Ambiguous) {
			high[i] += r.Ambiguous[i]
		}
	}
	c := NewGraph("client minus service", half, Linear("", low, high, reports.Values{0, 1}))
	c.BelowTime(t.First-t.Step, t.End())
	c.Plot()
	behind(t, c)
	c.Level("zero", 0)
	if r.Ambiguous != nil {
		c.area("fillc", low, high, ends(len(low)))
	}
	c.Path("client0", r.Values, ends(len(low)))
	for _, m := range t.Marks {
		c.Upright("mark", across(t, m.At), fit.Text(m.Text))
	}
	return c.End()
}

// Trend draws what a budget measured in each part of its window, with the limit's line.
func Trend(t reports.Timeline, trend reports.Trend, worst assertions.Finding) template.HTML {
	values := []reports.Values{trend.Values}
	if worst.Limit != nil {
		values = append(values, reports.Values{*worst.Limit})
	}
	c := NewGraph("measured over the window", half, Linear(worst.Unit, values...))
	c.BelowTime(trend.From, trend.From+trend.Step*float64(len(trend.Values)))
	c.Plot()
	if worst.Limit != nil {
		c.Level("limit", *worst.Limit)
	}
	c.Path("client0", trend.Values, ends(len(trend.Values)))
	return c.End()
}

// Spark draws a trend small, with the limit's line.
func Spark(trend reports.Trend, limit *float64) template.HTML {
	values := []reports.Values{trend.Values}
	if limit != nil {
		values = append(values, reports.Values{*limit})
	}
	c := &graph{scale: Linear("", values...), height: 30}
	fmt.Fprint(c, `<svg class="spark" viewBox="0 0 150 34" role="img" aria-label="over its window"><svg y="2" width="150" height="30" viewBox="0 0 1000 30" preserveAspectRatio="none">`)
	if limit != nil {
		c.Level("limit", *limit)
	}
	c.Path("client0", trend.Values, ends(len(trend.Values)))
	c.WriteString("</svg></svg>")
	return template.HTML(c.String()) //nolint:gosec // only numbers
}
