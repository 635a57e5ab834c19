package terminal

import (
	"bytes"
	"io"

	"brrtload/reports/tables"
)

// Fitted writes rows of cells as columns of text, at most this many columns of a terminal wide: a cell
// that does not fit goes on in the next line. The widest columns get narrower first.
func Fitted(w io.Writer, width int, rows [][]string) error {
	var text bytes.Buffer
	var t tables.Table
	for _, cells := range rows {
		t.Columns = make([]tables.Column, max(len(t.Columns), len(cells)))
		t.Add(0, cells...)
	}
	if err := (printer{out: &text, width: width}).table(t); err != nil {
		return err
	}
	_, err := w.Write(bytes.TrimPrefix(text.Bytes(), []byte("\n")))
	return err
}
