package chart

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// Overhead is the picture of a paired experiment: for each metric the candidate's interval
// with the twin's under it, for an ablation what each part costs, and block by block what was
// measured. It is an error to ask for it of another report.
var Overhead = reports.Format{Name: "overhead-chart", File: "overhead.svg", Write: overheadChart}

func overheadChart(w io.Writer, r reports.Report) error {
	if r.Overhead == nil {
		return fmt.Errorf("there is no experiment to draw: the report is of %s", r.Command)
	}
	d := &Drawing{}
	d.Forest(r.Overhead)
	d.Waterfall(r.Overhead)
	d.course(r.Overhead)
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %.0f" font-family="sans-serif" font-size="13">
<style>text{fill:#222}.quiet{fill:#666}.c{stroke:#0b62a4;fill:#0b62a4}.t{stroke:#999;fill:#999}.axis{stroke:#bbb}.x{stroke:#c33;fill:none}.up{fill:#c8553d}.down{fill:#3d8f5f}.sum{fill:#0b62a4}</style>
<rect width="100%%" height="100%%" fill="#fff"/>
%s</svg>
`, ChartWidth, d.Y+20, d.B.String())
	return err
}

// The layout, in the drawing's units: names on the left, the plot, figures on the right.
const (
	ChartWidth = 900
	plotLeft   = 200.0
	plotRight  = 660.0
	rowHeight  = 26.0
)

// Drawing is a picture that grows downward.
type Drawing struct {
	B        strings.Builder
	Y        float64
	Untitled bool
}

func (d *Drawing) put(format string, args ...any) { fmt.Fprintf(&d.B, format+"\n", args...) }

// text writes at a place; what it says is escaped and printable.
func (d *Drawing) text(x, y float64, class, anchor, says string) {
	var safe strings.Builder
	xml.EscapeText(&safe, []byte(fit.Line(says, 120))) //nolint:errcheck // a builder takes everything
	d.put(`<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`, x, y, class, anchor, safe.String())
}

func (d *Drawing) title(says string) {
	if d.Untitled {
		return
	}
	d.Y += 36
	d.put(`<text x="20" y="%.1f" font-size="16" font-weight="bold">%s</text>`, d.Y, says)
	d.Y += 14
}

// scaleOf maps values from low to high to the plot.
func scaleOf(low, high float64) func(float64) float64 {
	room := max((high-low)*0.05, 1e-12)
	low, high = low-room, high+room
	return func(v float64) float64 {
		return plotLeft + (min(max(v, low), high)-low)/(high-low)*(plotRight-plotLeft)
	}
}

// known reports whether an interval has ends.
func known(b reports.Between) bool {
	return b != (reports.Between{}) && math.Abs(b.Low) < math.MaxFloat64 && math.Abs(b.High) < math.MaxFloat64
}

// Forest draws each metric with its interval, and the control behind it.
func (d *Drawing) Forest(o *reports.Overhead) {
	d.title("What the candidate takes more than the baseline; grey: the control, two arms alike")
	twins := map[string]reports.Between{}
	for _, e := range o.Twin {
		twins[e.Metric] = e.Share
	}
	type row struct {
		name            string
		candidate, twin reports.Between
	}
	var rows []row
	low, high := -0.01, 0.01
	for _, e := range o.Effects {
		if !known(e.Share) {
			continue
		}
		rows = append(rows, row{e.Metric, e.Share, twins[e.Metric]})
		low, high = min(low, max(e.Share.Low, -1)), max(high, min(e.Share.High, 3))
	}
	for _, other := range o.Others {
		if known(other.Effect.Share) {
			rows = append(rows, row{"cpu, " + other.Name, other.Effect.Share, reports.Between{}})
			low, high = min(low, other.Effect.Share.Low), max(high, other.Effect.Share.High)
		}
	}
	x, top := scaleOf(low, high), d.Y
	for _, r := range rows {
		d.Y += rowHeight
		d.text(plotLeft-12, d.Y+4, "", "end", r.name)
		if known(r.twin) {
			d.put(`<rect x="%.1f" y="%.1f" width="%.1f" height="18" class="t" opacity=".35" stroke="none"><title>control [%s]</title></rect>`,
				x(r.twin.Low), d.Y-9, max(x(r.twin.High)-x(r.twin.Low), 1), tables.Shares(r.twin))
		}
		d.whisker(x, r.candidate, "c", d.Y)
		d.text(plotRight+14, d.Y+4, "quiet", "start", quantity.Share(r.candidate.Value)+"  ["+tables.Shares(r.candidate)+"]")
	}
	for _, v := range (Scale{low: low, high: high, unit: "ratio"}).Ticks() {
		if v != 0 && v > low && v < high {
			d.axis(x(v), top+8, d.Y+14, quantity.Share(v))
		}
	}
	d.axis(x(0), top+8, d.Y+14, "0")
	d.Y += 24
}

// whisker draws an estimate with its interval.
func (d *Drawing) whisker(x func(float64) float64, b reports.Between, class string, y float64) {
	d.put(`<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" class="%s" stroke-width="2"/><circle cx="%.1f" cy="%.1f" r="3.5" class="%s"/>`, x(b.Low), x(b.High), y, y, class, x(b.Value), y, class)
}

func (d *Drawing) axis(x, top, bottom float64, says string) {
	d.put(`<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" class="axis"/>`, x, x, top, bottom)
	d.text(x, bottom+12, "quiet", "middle", says)
}

// Waterfall draws what each part of the telemetry costs, from where the last one ended.
func (d *Drawing) Waterfall(o *reports.Overhead) {
	if len(o.Parts) == 0 {
		return
	}
	d.title("Where the CPU of a hit goes: each part from where the last one ended")
	low, high, sum := 0.0, 0.0, 0.0
	for _, p := range o.Parts {
		from := sum
		if p.Kind == "total" {
			from = 0
		} else {
			sum += p.Value
		}
		low, high = min(low, from+p.Low), max(high, from+p.High)
	}
	x, top, at := scaleOf(low, high), d.Y, 0.0
	for _, p := range o.Parts {
		from, class := at, "up"
		switch {
		case p.Kind == "total":
			from, class = 0, "sum"
		case p.Value < 0:
			class = "down"
		}
		to := from + p.Value
		d.Y += rowHeight
		name := p.Name
		if p.Kind == "machinery" {
			name = "everything off"
		}
		d.text(plotLeft-12, d.Y+4, "", "end", name)
		d.put(`<rect x="%.1f" y="%.1f" width="%.1f" height="12" class="%s"/>`, min(x(from), x(to)), d.Y-6,
			math.Abs(x(to)-x(from)), class)
		d.put(`<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#222"/>`, x(from+p.Low), x(from+p.High), d.Y, d.Y)
		d.text(plotRight+14, d.Y+4, "quiet", "start", quantity.Seconds(p.Value)+"  ["+tables.Difference(p.Between, "s")+"]")
		at = to
	}
	d.axis(x(0), top+8, d.Y+14, "0")
	d.Y += 24
}

func (d *Drawing) course(o *reports.Overhead) {
	d.title("CPU of a hit against the baseline's, block by block")
	if len(o.Points) == 0 {
		return
	}
	low, high, last := -0.01, 0.01, 1.0
	for _, p := range o.Points {
		low, high, last = min(low, p.Candidate, p.Twin), max(high, p.Candidate, p.Twin), max(last, p.Seconds)
	}
	const height = 180.0
	x := scaleOf(0, last)
	y := func(v float64) float64 { return d.Y + 10 + height*(1-(v-low)/(high-low)) }
	d.put(`<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" class="axis"/>`, plotLeft, plotRight, y(0), y(0))
	for _, v := range []float64{low, 0, high} {
		d.text(plotLeft-12, y(v)+4, "quiet", "end", quantity.Share(v))
	}
	for i, p := range o.Points {
		if i > 0 && p.Session != o.Points[i-1].Session {
			d.put(`<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" class="axis" stroke-dasharray="3 4"/>`, x(p.Seconds),
				x(p.Seconds), y(high), y(low))
		}
		d.put(`<circle cx="%.1f" cy="%.1f" r="3" class="t"/><circle cx="%.1f" cy="%.1f" r="3" class="c"/>`,
			x(p.Seconds), y(p.Twin), x(p.Seconds), y(p.Candidate))
		if p.Unfit != "" {
			d.put(`<path d="M %.1f %.1f l 8 8 m 0 -8 l -8 8" class="x"/>`, x(p.Seconds)-4, y(p.Candidate)-4)
		}
	}
	d.Y += height + 10
	d.text(plotLeft, d.Y+18, "quiet", "start", "crossed: not used; dashed lines: the arms were started anew")
	d.text(plotRight, d.Y+18, "quiet", "end", quantity.Seconds(last))
	d.Y += 24
}
