package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"brrtload/internal/quantity"
)

type overheadView struct {
	Sentences []string
	Figures   []picture
	Tables    []tableView
}

// overheadPage returns the part of the page on a paired experiment, nil of any other report:
// intervals with the control's behind, what each part costs, and the blocks over time.
func overheadPage(r Report) *overheadView {
	o := r.Overhead
	if o == nil {
		return nil
	}
	v := &overheadView{Sentences: detectable(o)}
	add := func(title, data string, keys []key, svg template.HTML) {
		v.Figures = append(v.Figures, picture{Title: title, Data: data, Keys: keys, SVG: svg})
	}
	if len(o.Effects) > 0 {
		add("What the candidate takes more than the baseline", "effects 0",
			[]key{{"candidate, with its interval", "client0"},
				{"A/A control: what two arms alike differ by", "plan area"}},
			experimentChart("effects and their intervals", o, (*drawing).forest))
	}
	if len(o.Parts) > 0 {
		add("Where the CPU of a hit goes: each part from where the last one ended", "parts 0", nil,
			experimentChart("what each part costs", o, (*drawing).waterfall))
	}
	if len(o.Points) > 0 {
		add("CPU of a hit against the baseline's, block by block", "blocks 0",
			blockKeys(o), blocksChart(o))
	}
	for _, t := range []table{overheadEffects(r), overheadParts(r)} {
		if len(t.rows) > 0 {
			v.Tables = append(v.Tables, t.view())
		}
	}
	return v
}

// detectable reports what the experiment could have found, and how long a decision would take.
func detectable(o *Overhead) (sentences []string) {
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
func experimentChart(label string, o *Overhead, draw func(*drawing, *Overhead)) template.HTML {
	d := &drawing{untitled: true}
	draw(d, o)
	svg := fmt.Sprintf(`<svg class="experiment" viewBox="0 0 %d %.0f" role="img" aria-label="%s">%s</svg>`,
		chartWidth, d.y+12, label, d.b.String())
	return template.HTML(svg) //nolint:gosec // the drawing escapes its texts
}

func blockKeys(o *Overhead) []key {
	keys := []key{{"candidate", "client0 dots"}, {"A/A control", "plan dots"}, {"the arms were started anew", "start"}}
	if slices.ContainsFunc(o.Points, func(p Point) bool { return p.Unfit != "" }) {
		keys = append(keys, key{"ringed: not used", "ring dots"})
	}
	return keys
}

// lastBlock returns when the axis of the blocks ends: a little after the last one.
func lastBlock(o *Overhead) float64 {
	last := 1.0
	for _, p := range o.Points {
		last = max(last, p.Seconds)
	}
	return last * 1.02
}

// blocksChart draws what each block measured; dashed lines stand where the arms were started anew.
func blocksChart(o *Overhead) template.HTML {
	candidate, control, last := make(Values, len(o.Points)), make(Values, len(o.Points)), lastBlock(o)
	for i, p := range o.Points {
		candidate[i], control[i] = p.Candidate, p.Twin
	}
	c := newGraph("blocks over time", wide, linear("ratio", candidate, control))
	c.belowTime(0, last)
	c.plot()
	c.level("zero", 0)
	x := func(i int) float64 { return o.Points[i].Seconds / last * graphUnits }
	var unused strings.Builder
	for i, p := range o.Points {
		if i > 0 && p.Session != o.Points[i-1].Session {
			c.upright("start", x(i), "")
		}
		if p.Unfit != "" {
			fmt.Fprintf(&unused, "M%.1f %.1fh0", x(i), c.y(p.Candidate))
		}
	}
	fmt.Fprintf(c, `<path class="dots ring" d="%s"/>`, unused.String())
	for _, line := range []struct {
		class  string
		values Values
	}{{"plan", control}, {"client0", candidate}} {
		fmt.Fprintf(c, `<path class="dots %s" d="`, line.class)
		for i, v := range line.values {
			fmt.Fprintf(c, "M%.1f %.1fh0", x(i), c.y(v))
		}
		fmt.Fprint(c, `"/>`)
	}
	return c.end()
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

func (t table) view() tableView {
	v := tableView{Title: t.title}
	for _, c := range t.columns {
		v.Columns = append(v.Columns, columnView{c.name, c.figure})
	}
	for _, r := range t.rows {
		var cells []cellView
		for i, text := range r.cells {
			cells = append(cells, cellView{fitText(text), t.columns[i].figure})
		}
		v.Rows = append(v.Rows, cells)
	}
	return v
}
