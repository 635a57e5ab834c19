package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// ResultFile is the file of a run directory that holds the whole [Report]; every other format can
// be made from it.
const ResultFile = "result.json"

// maxResult bounds what Read takes in, in bytes.
const maxResult = 256 << 20

// Write writes every format's file into the run directory, each whole or not at all, and gives the
// names of those that are there. The files list themselves in r.Files. One that could not be
// written does not keep the others from being written; the error joins them.
func Write(dir string, r Report) ([]string, error) {
	files := slices.Clone(r.Files)
	for _, f := range Formats() {
		files = append(files, f.File)
	}
	slices.Sort(files)
	r.Files = slices.Compact(files)

	var written []string
	var failed []error
	for _, f := range Formats() {
		if err := WriteFile(filepath.Join(dir, f.File), f, r); err != nil {
			failed = append(failed, err)
			continue
		}
		written = append(written, f.File)
	}
	return written, errors.Join(failed...)
}

// WriteFile writes one format to a path: a reader sees the file that was there before or the new
// one, never half of it. What is there and is not a file, such as /dev/stderr, is written to and
// stays.
func WriteFile(path string, f Format, r Report) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return writeInto(path, f, r)
	}
	draft := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x", filepath.Base(path), rand.Uint32()))
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less the umask
	if err != nil {
		return unwritten(path, f, err)
	}
	err = errors.Join(f.Write(file, r), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(unwritten(path, f, err), os.Remove(file.Name()))
	}
	return nil
}

func writeInto(path string, f Format, r Report) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		err = errors.Join(f.Write(file, r), file.Close())
	}
	if err != nil {
		return unwritten(path, f, err)
	}
	return nil
}

// unwritten names the file as it was asked for, not the one that is written first, and
// then renamed.
func unwritten(path string, f Format, err error) error {
	var at *fs.PathError
	var renamed *os.LinkError
	switch {
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &renamed):
		err = renamed.Err
	}
	return fmt.Errorf("write %s report %s: %w", f.Name, path, err)
}

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
