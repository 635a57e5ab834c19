package reports

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	"brrtload/internal/quantity"
)

// The size of a chart, in units of its own: the page scales it. The plot lies within, from left and top on.
const (
	graphWidth  = 800
	graphHeight = 190
	graphLeft   = 64
	graphTop    = 8
	graphAcross = graphWidth - graphLeft - 8
	graphDown   = 152
	graphUnits  = 1000 // units across the plot
)

// key is a line's name with its class.
type key struct{ Name, Class string }

// graph is one picture: a scale, what is drawn behind, and lines.
type graph struct {
	strings.Builder
	scale  scale
	label  string
	height float64
}

// scale maps values to heights, in a straight way or by their logarithm.
type scale struct {
	low, high float64
	log       bool
	unit      string
}

// linear returns a scale from 0, or below, to a little above the largest value.
func linear(unit string, lines ...Values) scale {
	s := scale{unit: unit}
	for _, line := range lines {
		for _, v := range line {
			if v == v {
				s.low, s.high = min(s.low, v), max(s.high, v)
			}
		}
	}
	if s.high == s.low {
		s.high = s.low + 1
	}
	step := s.step()
	s.high = math.Ceil(s.high/step) * step
	s.low = math.Floor(s.low/step) * step
	return s
}

// logarithmic returns a scale over the decades of the values above 0, or a linear one where there are none.
func logarithmic(unit string, lines ...Values) scale {
	s := scale{low: math.Inf(1), log: true, unit: unit}
	for _, line := range lines {
		for _, v := range line {
			if v > 0 {
				s.low, s.high = min(s.low, v), max(s.high, v)
			}
		}
	}
	if s.high == 0 {
		return linear(unit, lines...)
	}
	s.low, s.high = s.low*0.8, s.high*1.25
	return s
}

// step returns the distance between ticks. Bytes are counted in powers of 1,024.
func (s scale) step() float64 {
	span, unit := s.high-s.low, 1.0
	for s.unit == "B" && span/unit > 1024 {
		unit *= 1024
	}
	return unit * tickStep(span/unit)
}

// tickStep returns a round step that divides a span into three to seven parts.
func tickStep(span float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(span)))
	for _, step := range []float64{0.2, 0.5, 1, 2} {
		if span/(step*power) <= 6 {
			return step * power
		}
	}
	return 5 * power
}

// at returns the share of the height, from the bottom, at which a value stands; those beyond stay at the edge.
func (s scale) at(v float64) float64 {
	if s.log {
		return min(max(math.Log(v/s.low)/math.Log(s.high/s.low), 0), 1)
	}
	return min(max((v-s.low)/(s.high-s.low), 0), 1)
}

// ticks returns the values that get a line and a label.
func (s scale) ticks() (list []float64) {
	if !s.log {
		step := s.step()
		for v := s.low; v <= s.high+step/2; v += step {
			list = append(list, math.Round(v/step)*step)
		}
		return list
	}
	steps := []float64{1, 2, 5}
	if s.high/s.low > 200 {
		steps = []float64{1}
	}
	for power := math.Floor(math.Log10(s.low)); power <= math.Log10(s.high); power++ {
		for _, step := range steps {
			if v := step * math.Pow(10, power); v >= s.low && v <= s.high {
				list = append(list, v)
			}
		}
	}
	return list
}

func (s scale) label(v float64) string {
	if s.unit == "per second" {
		return quantity.Show(v, "") + "/s"
	}
	return line(quantity.Show(v, s.unit), nameWidth)
}

// newGraph begins a chart: its axis on the left.
func newGraph(label string, s scale) *graph {
	c := &graph{scale: s, label: label, height: graphDown}
	fmt.Fprintf(c, `<svg class="graph" viewBox="0 0 %d %d" role="img" aria-label="%s">`, graphWidth, graphHeight, html.EscapeString(label))
	var lines strings.Builder
	for _, v := range s.ticks() {
		y := graphTop + c.y(v)
		fmt.Fprintf(&lines, "M%d %.1fh%d", graphLeft, y, graphAcross)
		fmt.Fprintf(c, `<text class="y" x="%d" y="%.1f">%s</text>`, graphLeft-5, y+4, html.EscapeString(s.label(v)))
	}
	fmt.Fprintf(c, `<path class="axis" d="%s"/>`, lines.String())
	return c
}

// y returns how far below the plot's top a value stands.
func (c *graph) y(v float64) float64 { return c.height * (1 - c.scale.at(v)) }

// plot opens the plot, which stretches over its width; end closes it and the chart.
func (c *graph) plot() {
	fmt.Fprintf(c, `<svg x="%d" y="%d" width="%d" height="%d" viewBox="0 0 %d %d" preserveAspectRatio="none">`,
		graphLeft, graphTop, graphAcross, graphDown, graphUnits, graphDown)
}

func (c *graph) end() template.HTML {
	c.WriteString("</svg></svg>")
	return template.HTML(c.String()) //nolint:gosec // every text in it was escaped where it was written
}

// below writes labels under the plot, at shares of its width.
func (c *graph) below(labels []string, at func(i int) float64) {
	for i, text := range labels {
		x := graphLeft + at(i)*graphAcross
		anchor := "middle"
		switch {
		case at(i) > 0.97:
			anchor = "end"
		case at(i) < 0.03:
			anchor = "start"
		}
		fmt.Fprintf(c, `<text class="x" x="%.1f" y="%d" text-anchor="%s">%s</text>`, x, graphTop+graphDown+17, anchor, html.EscapeString(text))
	}
}

// path draws a line through the points that have a value; x is of a point, in the plot's units.
func (c *graph) path(class string, values Values, x func(i int) float64) {
	var d pen
	for i, v := range values {
		if v != v || math.IsInf(v, 0) || c.scale.log && v <= 0 {
			d.down = false
			continue
		}
		if !d.down && (i+1 == len(values) || values[i+1] != values[i+1]) { // alone: a dot's width
			d.to(x(i)-1, c.y(v))
		}
		d.to(x(i), c.y(v))
	}
	fmt.Fprintf(c, `<path class="l %s" vector-effect="non-scaling-stroke" d="%s"/>`, class, d.String())
}

// pen writes a path in tenths of a unit, each point by its distance from the one before: a page has thousands.
type pen struct {
	strings.Builder
	down bool
	x, y int // the point before, in tenths
}

func (p *pen) to(x, y float64) {
	toX, toY := int(math.Round(10*x)), int(math.Round(10*y))
	across, by := toX, toY
	switch {
	case !p.down:
		p.WriteByte('M')
	default:
		p.WriteByte('l')
		across, by = toX-p.x, toY-p.y
	}
	p.WriteString(tenths(across))
	if by >= 0 {
		p.WriteByte(' ')
	}
	p.WriteString(tenths(by))
	p.x, p.y, p.down = toX, toY, true
}

func tenths(n int) string { return strconv.FormatFloat(float64(n)/10, 'f', -1, 64) }

// classes returns the lines' keys: a class for each side and place.
func classes(lines []Line) []key {
	seen := map[Side]int{}
	keys := make([]key, len(lines))
	for i, l := range lines {
		class := string(l.Side)
		switch l.Side {
		case Plan:
		case Kernel:
			class += fmt.Sprint(seen[l.Side] % 2)
		case Client, Service:
			class += fmt.Sprint(seen[l.Side] % 3)
		default:
			class = "plan"
		}
		if n := seen[l.Side] / 3; n > 0 && l.Side != Plan {
			class += fmt.Sprintf(" dash%d", min(n, 2))
		}
		seen[l.Side]++
		keys[i] = key{line(l.Name, idWidth), class}
	}
	return keys
}
