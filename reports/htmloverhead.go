package reports

import (
	"fmt"
	"html/template"
)

// overheadPage returns the part of the page on a paired experiment, nil of any other report: intervals with
// the control's behind, what each part costs, and the blocks over time.
func overheadPage(r Report) *overheadView {
	if r.Overhead == nil {
		return nil
	}
	d := &drawing{}
	d.forest(r.Overhead)
	d.waterfall(r.Overhead)
	d.course(r.Overhead)
	svg := fmt.Sprintf(`<svg class="experiment" viewBox="0 0 %d %.0f" role="img" aria-label="the experiment's effects, parts and blocks">%s</svg>`,
		chartWidth, d.y+20, d.b.String())
	v := &overheadView{Figures: []picture{{SVG: template.HTML(svg)}}} //nolint:gosec // the drawing escapes its texts
	for _, t := range []table{overheadEffects(r), overheadParts(r)} {
		if len(t.rows) > 0 {
			v.Tables = append(v.Tables, t.view())
		}
	}
	return v
}

// tableView is a table of the terminal report on the page.
type tableView struct {
	Title   string
	Columns []columnView
	Rows    [][]string
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
		v.Rows = append(v.Rows, r.cells)
	}
	return v
}
