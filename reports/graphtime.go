package reports

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strconv"
)

// across returns where a time stands across the plot, in the plot's units.
func (t Timeline) across(at float64) float64 {
	return (at - t.First + t.Step) / (float64(t.Slices) * t.Step) * graphUnits
}

// overTime draws a panel.
func (t Timeline) overTime(p Panel) template.HTML {
	var all []Values
	for _, l := range p.Lines {
		all = append(all, l.Values)
	}
	s := linear(p.Unit, all...)
	if p.ID == "latency" {
		s = logarithmic(p.Unit, all...)
	}
	c := newGraph(fitText(p.Title), wide, s)
	c.belowTime(t.First-t.Step, t.End())
	c.plot()
	t.behind(c)
	keys := classes(p.Lines)
	for i, l := range slices.Backward(p.Lines) { // the plan lies above what came of it
		c.path(keys[i].Class, l.Values, ends(t.Slices))
	}
	t.before(c)
	return c.end()
}

// ends returns where the end of each of n equal parts stands, in the plot's units.
func ends(n int) func(i int) float64 {
	return func(i int) float64 { return float64(i+1) / float64(n) * graphUnits }
}

// belowTime writes round times under the plot.
func (c *graph) belowTime(from, to float64) {
	step := tickStep(to - from)
	digits := max(0, int(math.Ceil(-math.Log10(step))))
	var labels []string
	var times []float64
	for n := math.Ceil(from / step); n*step <= to; n++ {
		times = append(times, (n*step-from)/(to-from))
		labels = append(labels, strconv.FormatFloat(n*step+0, 'f', digits, 64)+" s") // never -0
	}
	c.below(labels, func(i int) float64 { return times[i] })
}

// behind draws the stages: every other one shaded, the warm-up hatched, their names above.
func (t Timeline) behind(c *graph) {
	for i, b := range t.Bands {
		from, to := t.across(b.From), t.across(b.To)
		class := "stage"
		switch {
		case b.WarmUp:
			class = "warm"
		case i%2 == 0:
			class = "stage even"
		}
		fmt.Fprintf(c, `<rect class="%s" x="%.4g" y="0" width="%.4g" height="%.0f"><title>%s</title></rect>`,
			class, from, max(to-from, 0), c.height, html.EscapeString(line(b.Name, idWidth)))
		c.upright("edge", from, "")
		if room := int((to - from) / graphUnits * c.frame.across() / letter); room >= 3 {
			c.above("stage", "start", from, c.frame.top-names, line(b.Name, room))
		}
	}
}

// names is where the names of stages stand, below a chart's top.
const names = 9

// letter is about the width of a letter in a chart.
const letter = 6

// before draws the marks, with their numbers above where there is room.
func (t Timeline) before(c *graph) {
	free := 0.0
	for i, m := range t.Marks {
		x := t.across(m.At)
		c.upright("mark", x, fitText(m.Text))
		if at := x / graphUnits * c.frame.across(); at >= free {
			c.above("number", "middle", x, 4, fmt.Sprint(i+1))
			free = at + 3*letter
		}
	}
}
