package reports

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
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
	c := newGraph(fitText(p.Title), s)
	c.belowTime(t.First-t.Step, t.End())
	c.plot()
	t.behind(c)
	keys := classes(p.Lines)
	for i, l := range slices.Backward(p.Lines) { // the plan lies above what came of it
		c.path(keys[i].Class, l.Values, func(i int) float64 { return float64(i+1) / float64(t.Slices) * graphUnits })
	}
	t.before(c)
	return c.end()
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

// behind draws the stages.
func (t Timeline) behind(c *graph) {
	for _, b := range t.Bands {
		from, to := t.across(b.From), t.across(b.To)
		if b.WarmUp {
			fmt.Fprintf(c, `<rect class="warm" x="%.4g" y="0" width="%.4g" height="%d"><title>%s</title></rect>`, from, max(to-from, 0), graphDown, html.EscapeString(line(b.Name, idWidth)))
		}
		fmt.Fprintf(c, `<line class="edge" vector-effect="non-scaling-stroke" x1="%.4g" x2="%.4g" y1="0" y2="%d"><title>%s begins</title></line>`,
			from, from, graphDown, html.EscapeString(line(b.Name, idWidth)))
	}
}

// before draws the marks, and the cursor that a script moves.
func (t Timeline) before(c *graph) {
	for _, m := range t.Marks {
		x := t.across(m.At)
		fmt.Fprintf(c, `<line class="mark" vector-effect="non-scaling-stroke" x1="%.4g" x2="%.4g" y1="0" y2="%d"><title>%s</title></line>`,
			x, x, graphDown, html.EscapeString(fitText(m.Text)))
	}
	fmt.Fprintf(c, `<line class="cursor" vector-effect="non-scaling-stroke" visibility="hidden" x1="0" x2="0" y1="0" y2="%d"/>`, graphDown)
}

// residual draws by how much more the client counted, with the band of what may or may not be counted.
func (t Timeline) residual(r Residual) template.HTML {
	low, high := make(Values, len(r.Values)), make(Values, len(r.Values))
	for i, v := range r.Values {
		low[i], high[i] = v, v
		if i < len(r.Ambiguous) {
			high[i] += r.Ambiguous[i]
		}
	}
	c := newGraph("client minus service", linear("", low, high, Values{0, 1}))
	c.belowTime(t.First-t.Step, t.End())
	c.plot()
	t.behind(c)
	x := func(i int) float64 { return float64(i+1) / float64(len(r.Values)) * graphUnits }
	if r.Ambiguous != nil {
		d := ""
		for i, v := range low {
			d += fmt.Sprintf("%s%.4g %.1f", map[bool]string{true: "M", false: "L"}[i == 0], x(i), c.y(v))
		}
		for i := len(high) - 1; i >= 0; i-- {
			d += fmt.Sprintf("L%.4g %.1f", x(i), c.y(high[i]))
		}
		fmt.Fprintf(c, `<path class="band fillc" d="%sZ"/>`, d)
	}
	c.path("client0", r.Values, x)
	return c.end()
}

// trend draws what a budget measured in each part of its window, with the limit's line.
func (t Timeline) trend(trend Trend, worst assertions.Finding) template.HTML {
	values := []Values{trend.Values}
	if worst.Limit != nil {
		values = append(values, Values{*worst.Limit})
	}
	c := newGraph("measured over the window", linear(worst.Unit, values...))
	end := trend.From + trend.Step*float64(len(trend.Values))
	c.belowTime(trend.From, end)
	c.plot()
	if worst.Limit != nil {
		fmt.Fprintf(c, `<line class="limit" vector-effect="non-scaling-stroke" x1="0" x2="1000" y1="%.1f" y2="%.1f"/>`, c.y(*worst.Limit), c.y(*worst.Limit))
	}
	c.path("client0", trend.Values, func(i int) float64 { return float64(i+1) / float64(len(trend.Values)) * graphUnits })
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
		fmt.Fprintf(c, `<line class="limit" vector-effect="non-scaling-stroke" x1="0" x2="1000" y1="%.1f" y2="%.1f"/>`, c.y(*limit), c.y(*limit))
	}
	c.path("client0", trend.Values, func(i int) float64 { return float64(i+1) / float64(len(trend.Values)) * graphUnits })
	return c.end()
}

// heatMap draws hits by time and latency, the darker the more.
func (t Timeline) heatMap(h Heat) template.HTML {
	bounds := make(Values, len(h.Bounds))
	copy(bounds, h.Bounds)
	s := scale{low: h.Bounds[0] * h.Bounds[0] / h.Bounds[min(1, len(h.Bounds)-1)], high: h.Bounds[len(h.Bounds)-1], log: true, unit: "s"}
	c := newGraph("hits by time and latency", s)
	c.belowTime(t.First-t.Step, t.End())
	c.plot()
	var most float64
	for _, row := range h.Counts {
		for _, n := range row {
			if n == n {
				most = max(most, n)
			}
		}
	}
	width := float64(graphUnits) / float64(t.Slices)
	for r, row := range h.Counts {
		bottom := float64(graphDown)
		if r > 0 {
			bottom = c.y(h.Bounds[r-1])
		}
		c.heatRow(row, most, width, c.y(h.Bounds[r]), bottom)
	}
	t.before(c)
	return c.end()
}

// heatRow draws a row of the heat map: a path for each shade, as thick as the row is high.
func (c *graph) heatRow(row Values, most, width, top, bottom float64) {
	var cells [11]strings.Builder
	for i := 0; i < len(row); i++ {
		level, run := shade(row[i], most), 1
		for i+run < len(row) && shade(row[i+run], most) == level {
			run++
		}
		fmt.Fprintf(&cells[level], "M%.4g %.4gh%.4g", float64(i)*width, (top+bottom)/2, float64(run)*width)
		i += run - 1
	}
	for level := 1; level < len(cells); level++ {
		if cells[level].Len() > 0 {
			fmt.Fprintf(c, `<path class="h" opacity="%.1f" stroke-width="%.4g" d="%s"/>`, float64(level)/10, bottom-top, cells[level].String())
		}
	}
}

// shade returns 0 for none to 10 for the most, by the logarithm.
func shade(n, most float64) int {
	if n != n || n <= 0 {
		return 0
	}
	return 1 + int(math.Round(9*math.Log1p(n)/math.Log1p(most)))
}

// nines returns where a share stands on an axis of 1/(1 − share): each nine takes as much room.
func nines(share float64) float64 {
	const most = 5 // nines
	return min(-math.Log10(max(1-share, 1e-9)), most) / most
}

// distributions draws spectra on one axis of nines. Of a histogram of the service only its bounds are
// known: the truth lies somewhere within each step.
func distributions(spectra []Spectrum) (template.HTML, []key) {
	var all []Values
	for _, s := range spectra {
		var v Values
		for _, p := range s.Points {
			v = append(v, p[1])
		}
		all = append(all, v)
	}
	c := newGraph("latency by the share of hits that did not exceed it", logarithmic("s", all...))
	labels, shares := []string{"0", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"}, []float64{0, 0.9, 0.99, 0.999, 0.9999, 0.99999}
	c.below(labels, func(i int) float64 { return nines(shares[i]) })
	c.plot()
	var lines []Line
	for _, s := range spectra {
		lines = append(lines, Line{Name: s.Name, Side: s.Side})
	}
	keys := classes(lines)
	for n, s := range spectra {
		if s.Bounds {
			c.steps(s)
			keys[n].Name += ", between its bounds"
			continue
		}
		c.path(keys[n].Class, all[n], func(i int) float64 { return nines(s.Points[i][0]) * graphUnits })
	}
	return c.end(), keys
}

// steps draws, for each bucket, the area in which its durations lie.
func (c *graph) steps(s Spectrum) {
	from, below := 0.0, c.scale.low
	for _, p := range s.Points {
		if p[0] > from {
			x, width := nines(from)*graphUnits, (nines(p[0])-nines(from))*graphUnits
			top, bottom := c.y(p[1]), c.y(max(below, c.scale.low))
			fmt.Fprintf(c, `<rect class="band fills" x="%.4g" y="%.1f" width="%.4g" height="%.1f"><title>%s of hits took up to %s</title></rect>`,
				x, top, width, max(bottom-top, 1), quantity.Share(p[0]), quantity.Seconds(p[1]))
			from = p[0]
		}
		below = p[1]
	}
}
