package scenarios

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"brrtload/internal/diag"
)

// table is a CSV file: its first line names the columns.
type table struct {
	file    string
	columns []string
	rows    [][]string
}

// at returns a column of row n, counted round.
func (t *table) at(n uint64, column string) (string, error) {
	i := slices.Index(t.columns, column)
	if i < 0 {
		return "", fmt.Errorf("%s has no column %q%s", t.file, column, t.hint(column))
	}
	return t.rows[n%uint64(len(t.rows))][i], nil
}

// hint reports what a missing column may be called: another name, or one of several in a line that
// other characters than commas separate.
func (t *table) hint(column string) string {
	if len(t.columns) == 1 {
		for separator, word := range map[string]string{";": "semicolons", "\t": "tabs", "|": "bars"} {
			if strings.Contains(t.columns[0], separator) {
				return fmt.Sprintf("; its one column is %q: write commas in place of %s", t.columns[0], word)
			}
		}
	}
	if near := diag.DidYouMean(column, t.columns); near != "" {
		return near
	}
	return fmt.Sprintf("; it has %q", t.columns[:min(len(t.columns), 20)])
}

// tables finds CSV files by name, reading each once.
type tables interface {
	table(file string) (*table, error)
}

// reading reads tables as templates ask for them for the first time; afterwards they are only
// looked up.
type reading struct {
	files fs.FS
	read  map[string]*table
}

func (r *reading) table(file string) (*table, error) {
	if t, ok := r.read[file]; ok {
		return t, nil
	}
	t, err := readTable(r.files, file)
	if err != nil {
		return nil, err
	}
	r.read[file] = t
	return t, nil
}

// ready are tables that were read.
type ready map[string]*table

func (r ready) table(file string) (*table, error) {
	t, ok := r[file]
	if !ok {
		return nil, fmt.Errorf("CSV file %q is not named in every hit; name it so that hit 0 reads it", file)
	}
	return t, nil
}

// maxTable bounds the size of a CSV file, in bytes.
const maxTable = 64 << 20

func readTable(files fs.FS, name string) (*table, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	if len(text) > maxTable {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, maxTable)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // the mark that spreadsheets write
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%s: %s; save it as UTF-8", name, encodingOf(text))
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(lines) < 2 {
		return nil, fmt.Errorf("%s: want a line of column names and a row or more", name)
	}
	return &table{file: name, columns: lines[0], rows: lines[1:]}, nil
}

// encodingOf reports what a text is that is not UTF-8.
func encodingOf(text []byte) string {
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		return "the text is UTF-16"
	}
	return "the text is not UTF-8"
}
