// Package chart draws the course of a run, and an experiment, as SVG. The same figures give the same
// bytes.
package chart

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"

	"brrtload/reports"
	"brrtload/reports/fit"
)

// frame is the size of a chart in units of its own: the page scales it. The plot lies within, from
// left and top on.
type frame struct{ Width, Height, Left, top int }

// The sizes of charts: one that has the page's width, and one of two side by side.
var (
	Wide = frame{800, 216, 64, 34}
	half = frame{440, 200, 64, 12}
)

// below is the room for the labels of the axis at the bottom.
const below = 30

func (f frame) across() float64 { return float64(f.Width - f.Left - 8) }
func (f frame) down() float64   { return float64(f.Height - f.top - below) }

// GraphUnits is the width of a plot in units of its own.
const GraphUnits = 1000

// Key is a line's name with its class.
type Key struct{ Name, Class string }

// graph is one picture: a scale, what is drawn behind, and lines.
type graph struct {
	strings.Builder
	frame  frame
	scale  Scale
	height float64         // of the plot
	over   strings.Builder // what is drawn over the plot, in units of the picture
}

// NewGraph begins a chart: its axis on the left.
func NewGraph(label string, f frame, s Scale) *graph {
	c := &graph{frame: f, scale: s, height: f.down()}
	fmt.Fprintf(c, `<svg class="graph" viewBox="0 0 %d %d" role="img" aria-label="%s">`, f.Width, f.Height,
		html.EscapeString(label))
	var lines strings.Builder
	for _, v := range s.Ticks() {
		y := float64(f.top) + c.Y(v)
		fmt.Fprintf(&lines, "M%d %.1fh%.0f", f.Left, y, f.across())
		fmt.Fprintf(c, `<text class="y" x="%d" y="%.1f">%s</text>`, f.Left-5, y+4, html.EscapeString(s.label(v)))
	}
	fmt.Fprintf(c, `<path class="axis" d="%s"/>`, lines.String())
	return c
}

// Y returns how far below the plot's top a value stands.
func (c *graph) Y(v float64) float64 { return c.height * (1 - c.scale.at(v)) }

// Plot opens the plot, which stretches over its width; end closes it and the chart.
func (c *graph) Plot() {
	fmt.Fprintf(c, `<svg class="plot" x="%d" y="%d" width="%.0f" height="%.0f" viewBox="0 0 %d %.0f" preserveAspectRatio="none">`,
		c.frame.Left, c.frame.top, c.frame.across(), c.height, GraphUnits, c.height)
}

// End draws the cursor that a script moves, and closes the chart.
func (c *graph) End() template.HTML {
	c.Upright("cursor", 0, "")
	c.WriteString("</svg>" + c.over.String() + "</svg>")
	return template.HTML(c.String()) //nolint:gosec // every text in it was escaped where it was written
}

// Upright draws a line from the plot's top to its bottom, with a text for who points at it.
func (c *graph) Upright(class string, x float64, text string) {
	fmt.Fprintf(c, `<line class="%s" x1="%.4g" x2="%.4g" y1="0" y2="%.0f">`, class, x, x, c.height)
	if text != "" {
		fmt.Fprintf(c, `<title>%s</title>`, html.EscapeString(text))
	}
	c.WriteString("</line>")
}

// Level draws a line across the plot at a value.
func (c *graph) Level(class string, v float64) {
	fmt.Fprintf(c, `<line class="%s" x1="0" x2="%d" y1="%.1f" y2="%.1f"/>`, class, GraphUnits, c.Y(v), c.Y(v))
}

// above writes a text over the plot, so high above it, that begins at x or stands around it; x is
// in the plot's units.
func (c *graph) above(class, anchor string, x float64, high int, text string) {
	fmt.Fprintf(&c.over, `<text class="top %s" data-at="%.4g" x="%.1f" y="%d" text-anchor="%s">%s</text>`,
		class, x, float64(c.frame.Left)+x/GraphUnits*c.frame.across(), c.frame.top-high, anchor, html.EscapeString(text))
}

// Below writes labels under the plot, at shares of its width.
func (c *graph) Below(labels []string, at func(i int) float64) {
	for i, text := range labels {
		x := float64(c.frame.Left) + at(i)*c.frame.across()
		anchor := ""
		switch {
		case at(i) > 0.97:
			anchor = ` text-anchor="end"`
		case at(i) < 0.03:
			anchor = ` text-anchor="start"`
		}
		fmt.Fprintf(c, `<text class="x" x="%.1f" y="%.0f"%s>%s</text>`,
			x, float64(c.frame.top)+c.height+17, anchor, html.EscapeString(text))
	}
}

// Path draws a line through the points that have a value, and a dot for each that has no
// neighbour; x is of a point, in the plot's units.
func (c *graph) Path(class string, values reports.Values, x func(i int) float64) {
	var line, dots pen
	shown := func(i int) bool {
		return i >= 0 && i < len(values) && !math.IsNaN(values[i]) && !math.IsInf(values[i], 0) &&
			(!c.scale.log || values[i] > 0)
	}
	for i, v := range values {
		switch {
		case !shown(i):
			line.down = false
		case shown(i-1) || shown(i+1):
			line.to(x(i), c.Y(v))
		default:
			dots.down = false
			dots.to(x(i), c.Y(v))
			dots.to(x(i)+0.1, c.Y(v)) // a path without length is not drawn
		}
	}
	fmt.Fprintf(c, `<path class="l %s" d="%s"/>`, class, line.String())
	if dots.Len() > 0 {
		fmt.Fprintf(c, `<path class="l dots %s" d="%s"/>`, class, dots.String())
	}
}

// area fills what lies between two lines that have a value at every point.
func (c *graph) area(class string, low, high reports.Values, x func(i int) float64) {
	var d pen
	for i, v := range low {
		d.to(x(i), c.Y(v))
	}
	for i := len(high) - 1; i >= 0; i-- {
		d.to(x(i), c.Y(high[i]))
	}
	fmt.Fprintf(c, `<path class="band %s" d="%sz"/>`, class, d.String())
}

// Classes returns the lines' keys: a class for each side and place.
func Classes(lines []reports.Line) []Key {
	seen := map[reports.Side]int{}
	keys := make([]Key, len(lines))
	for i, l := range lines {
		class := string(l.Side)
		switch l.Side {
		case reports.Plan:
		case reports.Kernel:
			class += fmt.Sprint(seen[l.Side] % 2)
		case reports.Client, reports.Service:
			class += fmt.Sprint(seen[l.Side] % 3)
		default:
			class = "plan"
		}
		if n := seen[l.Side] / 3; n > 0 && l.Side != reports.Plan {
			class += fmt.Sprintf(" dash%d", min(n, 2))
		}
		seen[l.Side]++
		keys[i] = Key{fit.Line(l.Name, fit.IdWidth), class}
	}
	return keys
}
