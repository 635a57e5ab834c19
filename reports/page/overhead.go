package page

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/chart"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

type overheadView struct {
	Sentences []string
	Figures   []picture
	Tables    []tableView
}

// overheadPage returns the part of the page on a paired experiment, nil of any other report:
// intervals with the control's behind, what each part costs, and the blocks over time.
func overheadPage(r reports.Report) *overheadView {
	o := r.Overhead
	if o == nil {
		return nil
	}
	v := &overheadView{Sentences: detectable(o)}
	add := func(title, data string, keys []chart.Key, svg template.HTML) {
		v.Figures = append(v.Figures, picture{Title: title, Data: data, Keys: keys, SVG: svg})
	}
	if len(o.Effects) > 0 {
		add("What the candidate takes more than the baseline", "effects 0",
			[]chart.Key{{Name: "candidate, with its interval", Class: "client0"},
				{Name: "A/A control: what two arms alike differ by", Class: "plan area"}},
			experimentChart("effects and their intervals", o, (*chart.Drawing).Forest))
	}
	if len(o.Parts) > 0 {
		add("Where the CPU of a hit goes: each part from where the last one ended", "parts 0", nil,
			experimentChart("what each part costs", o, (*chart.Drawing).Waterfall))
	}
	if len(o.Points) > 0 {
		add("CPU of a hit against the baseline's, block by block", "blocks 0",
			blockKeys(o), blocksChart(o))
	}
	for _, t := range []tables.Table{tables.OverheadEffects(r), tables.OverheadParts(r)} {
		if len(t.Rows) > 0 {
			v.Tables = append(v.Tables, viewOfTable(t))
		}
	}
	return v
}

// detectable reports what the experiment could have found, and how long a decision would take.
func detectable(o *reports.Overhead) (sentences []string) {
	if o.Detectable > 0 && o.Detectable < math.MaxFloat64 {
		sentences = append(sentences,
			fmt.Sprintf("The experiment could have detected a difference of %s in CPU per hit, "+
				"four times in five. A smaller one may be missed.", quantity.Share(o.Detectable)))
	}
	if o.Needed > 0 {
		sentences = append(sentences, fmt.Sprintf("A decision would take %s in all, if things stay as they are.",
			quantity.Seconds(o.Needed)))
	}
	return sentences
}

// experimentChart draws one part of an experiment's chart.
func experimentChart(label string, o *reports.Overhead, draw func(*chart.Drawing, *reports.Overhead)) template.HTML {
	d := &chart.Drawing{Untitled: true}
	draw(d, o)
	svg := fmt.Sprintf(`<svg class="experiment" viewBox="0 0 %d %.0f" role="img" aria-label="%s">%s</svg>`,
		chart.ChartWidth, d.Y+12, label, d.B.String())
	return template.HTML(svg) //nolint:gosec // the drawing escapes its texts
}

func blockKeys(o *reports.Overhead) []chart.Key {
	keys := []chart.Key{{Name: "candidate", Class: "client0 dots"}, {Name: "A/A control", Class: "plan dots"}, {Name: "the arms were started anew", Class: "start"}}
	if slices.ContainsFunc(o.Points, func(p reports.Point) bool { return p.Unfit != "" }) {
		keys = append(keys, chart.Key{Name: "ringed: not used", Class: "ring dots"})
	}
	return keys
}

// lastBlock returns when the axis of the blocks ends: a little after the last one.
func lastBlock(o *reports.Overhead) float64 {
	last := 1.0
	for _, p := range o.Points {
		last = max(last, p.Seconds)
	}
	return last * 1.02
}

// blocksChart draws what each block measured; dashed lines stand where the arms were started anew.
func blocksChart(o *reports.Overhead) template.HTML {
	candidate, control, last := make(reports.Values, len(o.Points)), make(reports.Values, len(o.Points)), lastBlock(o)
	for i, p := range o.Points {
		candidate[i], control[i] = p.Candidate, p.Twin
	}
	c := chart.NewGraph("blocks over time", chart.Wide, chart.Linear("ratio", candidate, control))
	c.BelowTime(0, last)
	c.Plot()
	c.Level("zero", 0)
	x := func(i int) float64 { return o.Points[i].Seconds / last * chart.GraphUnits }
	var unused strings.Builder
	for i, p := range o.Points {
		if i > 0 && p.Session != o.Points[i-1].Session {
			c.Upright("start", x(i), "")
		}
		if p.Unfit != "" {
			fmt.Fprintf(&unused, "M%.1f %.1fh0", x(i), c.Y(p.Candidate))
		}
	}
	fmt.Fprintf(c, `<path class="dots ring" d="%s"/>`, unused.String())
	for _, line := range []struct {
		class  string
		values reports.Values
	}{{"plan", control}, {"client0", candidate}} {
		fmt.Fprintf(c, `<path class="dots %s" d="`, line.class)
		for i, v := range line.values {
			fmt.Fprintf(c, "M%.1f %.1fh0", x(i), c.Y(v))
		}
		fmt.Fprint(c, `"/>`)
	}
	return c.End()
}

// tableView is a table of the terminal report on the page.
type tableView struct {
	Title   string
	Columns []columnView
	Rows    [][]cellView
}

type cellView struct {
	Text   string
	Figure bool
}

type columnView struct {
	Name   string
	Figure bool
}

func viewOfTable(t tables.Table) tableView {
	v := tableView{Title: t.Title}
	for _, c := range t.Columns {
		v.Columns = append(v.Columns, columnView{c.Name, c.Figure})
	}
	for _, r := range t.Rows {
		var cells []cellView
		for i, text := range r.Cells {
			cells = append(cells, cellView{fit.Text(text), t.Columns[i].Figure})
		}
		v.Rows = append(v.Rows, cells)
	}
	return v
}
