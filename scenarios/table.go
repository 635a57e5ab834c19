package scenarios

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"

	"brrtload/internal/diag"
)

// table is a CSV file: its first line names the columns.
type table struct {
	file    string
	columns []string
	rows    [][]string
}

// at gives a column of row n, counted round.
func (t *table) at(n uint64, column string) (string, error) {
	i := slices.Index(t.columns, column)
	if i < 0 {
		return "", fmt.Errorf("%s has no column %q%s", t.file, column, diag.DidYouMean(column, t.columns))
	}
	return t.rows[n%uint64(len(t.rows))][i], nil
}

// tables finds CSV files by name, reading each once.
type tables interface {
	table(file string) (*table, error)
}

// reading reads tables as templates ask for them for the first time; afterwards they are only looked up.
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
	file, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	if info, err := file.Stat(); err != nil || info.Size() > maxTable {
		return nil, fmt.Errorf("%s: larger than %d bytes, or of no known size", name, maxTable)
	}
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(lines) < 2 {
		return nil, fmt.Errorf("%s: want a line of column names and a row or more", name)
	}
	return &table{file: name, columns: lines[0], rows: lines[1:]}, nil
}
