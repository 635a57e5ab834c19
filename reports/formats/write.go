package formats

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"brrtload/reports"
)

// Write writes every format's file into the run directory, each whole or not at all, and gives the
// names of those that are there. The files list themselves in r.Files. One that could not be
// written does not keep the others from being written; the error joins them.
func Write(dir string, r reports.Report) ([]string, error) {
	files := slices.Clone(r.Files)
	for _, f := range All() {
		files = append(files, f.File)
	}
	slices.Sort(files)
	r.Files = slices.Compact(files)

	var written []string
	var failed []error
	for _, f := range All() {
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
func WriteFile(path string, f reports.Format, r reports.Report) error {
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

func writeInto(path string, f reports.Format, r reports.Report) error {
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
func unwritten(path string, f reports.Format, err error) error {
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
