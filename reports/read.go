package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ResultFile is the file of a run directory that holds the whole [Report]; every other format can
// be made from it.
const ResultFile = "result.json"

// maxResult bounds what Read takes in, in bytes.
const maxResult = 256 << 20

// Read reads the report of a run directory back. It refuses one of another version.
func Read(dir string) (Report, error) {
	file, err := os.Open(filepath.Join(dir, ResultFile))
	if err != nil {
		return Report{}, fmt.Errorf("read the run: %w", err)
	}
	defer file.Close()
	r, err := decode(io.LimitReader(file, maxResult))
	if err != nil {
		return Report{}, fmt.Errorf("read %s: %w", file.Name(), err)
	}
	r.Directory = dir
	return r, nil
}

func decode(from io.Reader) (Report, error) {
	text, err := io.ReadAll(from)
	if err != nil {
		return Report{}, err
	}
	// The version comes first: fields of another version need not fit this one's types.
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return Report{}, err
	}
	if head.Version != Version {
		return Report{}, fmt.Errorf("version %d, and this brrtload reads version %d; use the brrtload that made it",
			head.Version, Version)
	}
	var r Report
	return r, json.Unmarshal(text, &r)
}
