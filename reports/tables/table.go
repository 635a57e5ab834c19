// Package tables has what all formats for people show of a report: its marks, its tables, and the
// details of a check. A format decides how they look.
package tables

import (
	"slices"

	"github.com/fatih/color"
)

// Table is a titled part of a report, ready for any format: its cells are text fit for one line,
// not yet escaped for a format's own syntax.
type Table struct {
	Title   string
	Columns []Column
	Rows    []Row
	Left    int    // rows that were left out
	Rest    string // what these are and where; empty is "in result.json"
	Spare   []int  // columns that a narrow terminal does without, the first first
}

// Column is a heading; figures align at the right.
type Column struct {
	Name   string
	Figure bool
}

// Row is one line of a table. The first cell is painted when paint is set. A brief row stays in one
// line where another would go on in a second.
type Row struct {
	Cells []string
	Paint color.Attribute
	Brief bool
}

// MaxRows is how many rows of a table are shown; result.json has them all.
const MaxRows = 100

// Add adds a row of cells; the first is painted unless paint is 0.
func (t *Table) Add(paint color.Attribute, cells ...string) {
	t.AddRow(Row{Cells: cells, Paint: paint})
}

// AddRow adds a row, or counts it as left out when the table has enough.
func (t *Table) AddRow(r Row) {
	if len(t.Rows) == MaxRows {
		t.Left++
		return
	}
	t.Rows = append(t.Rows, r)
}

// Without returns the table less a column.
func (t Table) Without(column int) Table {
	t.Columns = slices.Delete(slices.Clone(t.Columns), column, column+1)
	t.Rows = slices.Clone(t.Rows)
	for i := range t.Rows {
		t.Rows[i].Cells = slices.Delete(slices.Clone(t.Rows[i].Cells), column, column+1)
	}
	return t
}
