package reports

import (
	"fmt"
	"html/template"

	"brrtload/assertions"
)

// residual draws by how much more the client counted, with the band of what may or may not be
// counted.
func (t Timeline) residual(r Residual) template.HTML {
	low, high := make(Values, len(r.Values)), make(Values, len(r.Values))
	for i, v := range r.Values {
		low[i], high[i] = v, v
		if i < len(r.Ambiguous) {
			high[i] += r.Ambiguous[i]
		}
	}
	c := newGraph("client minus service", half, linear("", low, high, Values{0, 1}))
	c.belowTime(t.First-t.Step, t.End())
	c.plot()
	t.behind(c)
	c.level("zero", 0)
	if r.Ambiguous != nil {
		c.area("fillc", low, high, ends(len(low)))
	}
	c.path("client0", r.Values, ends(len(low)))
	for _, m := range t.Marks {
		c.upright("mark", t.across(m.At), fitText(m.Text))
	}
	return c.end()
}

// trend draws what a budget measured in each part of its window, with the limit's line.
func (t Timeline) trend(trend Trend, worst assertions.Finding) template.HTML {
	values := []Values{trend.Values}
	if worst.Limit != nil {
		values = append(values, Values{*worst.Limit})
	}
	c := newGraph("measured over the window", half, linear(worst.Unit, values...))
	c.belowTime(trend.From, trend.From+trend.Step*float64(len(trend.Values)))
	c.plot()
	if worst.Limit != nil {
		c.level("limit", *worst.Limit)
	}
	c.path("client0", trend.Values, ends(len(trend.Values)))
	return c.end()
}

// spark draws a trend small, with the limit's line.
func spark(trend Trend, limit *float64) template.HTML {
	values := []Values{trend.Values}
	if limit != nil {
		values = append(values, Values{*limit})
	}
	c := &graph{scale: linear("", values...), height: 30}
	fmt.Fprint(c, `<svg class="spark" viewBox="0 0 150 34" role="img" aria-label="over its window"><svg y="2" width="150" height="30" viewBox="0 0 1000 30" preserveAspectRatio="none">`)
	if limit != nil {
		c.level("limit", *limit)
	}
	c.path("client0", trend.Values, ends(len(trend.Values)))
	c.WriteString("</svg></svg>")
	return template.HTML(c.String()) //nolint:gosec // only numbers
}
