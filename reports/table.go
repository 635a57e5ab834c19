package reports

import (
	"slices"

	"github.com/fatih/color"
)

// table is a titled part of a report, ready for any format: its cells are text fit for one line,
// not yet escaped for a format's own syntax.
type table struct {
	title   string
	columns []column
	rows    []row
	left    int    // rows that were left out
	rest    string // what these are and where; empty is "in result.json"
	spare   []int  // columns that a narrow terminal does without, the first first
}

// column is a heading; figures align at the right.
type column struct {
	name   string
	figure bool
}

// row is one line of a table. The first cell is painted when paint is set. A brief row stays in one
// line where another would go on in a second.
type row struct {
	cells []string
	paint color.Attribute
	brief bool
}

// maxRows is how many rows of a table are shown; result.json has them all.
const maxRows = 100

func (t *table) add(paint color.Attribute, cells ...string) {
	t.addRow(row{cells: cells, paint: paint})
}

func (t *table) addRow(r row) {
	if len(t.rows) == maxRows {
		t.left++
		return
	}
	t.rows = append(t.rows, r)
}

// without returns the table less a column.
func (t table) without(column int) table {
	t.columns = slices.Delete(slices.Clone(t.columns), column, column+1)
	t.rows = slices.Clone(t.rows)
	for i := range t.rows {
		t.rows[i].cells = slices.Delete(slices.Clone(t.rows[i].cells), column, column+1)
	}
	return t
}
