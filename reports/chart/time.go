package chart

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strconv"

	"brrtload/reports"
	"brrtload/reports/fit"
)

// across returns where a time stands across the plot, in the plot's units.
func across(t reports.Timeline, at float64) float64 {
	return (at - t.First + t.Step) / (float64(t.Slices) * t.Step) * GraphUnits
}

// OverTime draws a panel.
func OverTime(t reports.Timeline, p reports.Panel) template.HTML {
	var all []reports.Values
	for _, l := range p.Lines {
		all = append(all, l.Values)
	}
	s := Linear(p.Unit, all...)
	if p.ID == "latency" {
		s = Logarithmic(p.Unit, all...)
	}
	c := NewGraph(fit.Text(p.Title), Wide, s)
	c.BelowTime(t.First-t.Step, t.End())
	c.Plot()
	behind(t, c)
	keys := Classes(p.Lines)
	for i, l := range slices.Backward(p.Lines) { // the plan lies above what came of it
		c.Path(keys[i].Class, l.Values, ends(t.Slices))
	}
	before(t, c)
	return c.End()
}

// ends returns where the end of each of n equal parts stands, in the plot's units.
func ends(n int) func(i int) float64 {
	return func(i int) float64 { return float64(i+1) / float64(n) * GraphUnits }
}

// BelowTime writes round times under the plot.
func (c *graph) BelowTime(from, to float64) {
	step := tickStep(to - from)
	digits := max(0, int(math.Ceil(-math.Log10(step))))
	var labels []string
	var times []float64
	for n := math.Ceil(from / step); n*step <= to; n++ {
		times = append(times, (n*step-from)/(to-from))
		labels = append(labels, strconv.FormatFloat(n*step+0, 'f', digits, 64)+" s") // never -0
	}
	c.Below(labels, func(i int) float64 { return times[i] })
}

// behind draws the stages: every other one shaded, the warm-up hatched, their names above.
func behind(t reports.Timeline, c *graph) {
	for i, b := range t.Bands {
		from, to := across(t, b.From), across(t, b.To)
		class := "stage"
		switch {
		case b.WarmUp:
			class = "warm"
		case i%2 == 0:
			class = "stage even"
		}
		fmt.Fprintf(c, `<rect class="%s" x="%.4g" y="0" width="%.4g" height="%.0f"><title>%s</title></rect>`,
			class, from, max(to-from, 0), c.height, html.EscapeString(fit.Line(b.Name, fit.IdWidth)))
		c.Upright("edge", from, "")
		if room := int((to - from) / GraphUnits * c.frame.across() / letter); room >= 3 {
			c.above("stage", "start", from, c.frame.top-names, fit.Line(b.Name, room))
		}
	}
}

// names is where the names of stages stand, below a chart's top.
const names = 9

// letter is about the width of a letter in a chart.
const letter = 6

// before draws the marks, with their numbers above where there is room.
func before(t reports.Timeline, c *graph) {
	free := 0.0
	for i, m := range t.Marks {
		x := across(t, m.At)
		c.Upright("mark", x, fit.Text(m.Text))
		if at := x / GraphUnits * c.frame.across(); at >= free {
			c.above("number", "middle", x, 4, fmt.Sprint(i+1))
			free = at + 3*letter
		}
	}
}
