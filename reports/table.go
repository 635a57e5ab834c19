package reports

import "github.com/fatih/color"

// table is a titled part of a report, ready for any format: its cells are text fit for one line, not yet escaped for a
// format's own syntax.
type table struct {
	title   string
	columns []column
	rows    []row
	left    int // rows that were left out
}

// column is a heading; figures align at the right.
type column struct {
	name   string
	figure bool
}

// row is one line of a table. The first cell is painted when paint is set.
type row struct {
	cells []string
	paint color.Attribute
}

// maxRows is how many rows of a table are shown; result.json has them all.
const maxRows = 100

func (t *table) add(paint color.Attribute, cells ...string) {
	if len(t.rows) == maxRows {
		t.left++
		return
	}
	t.rows = append(t.rows, row{cells, paint})
}
