package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"brrtload/assertions"
	"brrtload/scenarios"
)

// sources are the texts that a run is made from: the scenario, its assertions, and every file they name. A run keeps them, so that it can be judged
// again when the originals have changed.
type sources struct {
	scenario library // the scenario and the files beside it
	packs    library // shipped packs of assertions
	name     string  // of the scenario's file
}

// library is a file system that remembers what was read from it.
type library struct {
	from fs.FS
	read map[string][]byte
}

// newSources looks in the shipped files for a plain name, and in the file system of the process for a path.
func newSources(file string, shipped bool) *sources {
	s := &sources{library{files{}, map[string][]byte{}}, library{assertions.Shipped(), map[string][]byte{}}, file}
	if shipped {
		s.scenario.from = scenarios.Shipped()
	}
	return s
}

// keptSources looks in a run directory, where [sources.keep] put them.
func keptSources(dir string) (*sources, error) {
	name, err := os.ReadFile(filepath.Join(dir, "sources", "scenario"))
	if err != nil {
		return nil, fmt.Errorf("%s is not a run directory: %w", dir, err)
	}
	s := newSources(strings.TrimSpace(string(name)), false)
	s.scenario.from = copies(filepath.Join(dir, "sources", "files"))
	s.packs.from = copies(filepath.Join(dir, "sources", "packs"))
	return s, nil
}

// Open implements fs.FS.
func (l library) Open(name string) (fs.File, error) {
	file, err := l.from.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	l.read[name] = text
	return &page{bytes.NewReader(text), info}, nil
}

// page is a file that has been read whole.
type page struct {
	*bytes.Reader
	info fs.FileInfo
}

func (p *page) Stat() (fs.FileInfo, error) { return p.info, nil }
func (p *page) Close() error               { return nil }

// files is the file system of the process: paths as a person types them, relative to the working directory or absolute.
type files struct{}

func (files) Open(name string) (fs.File, error) { return os.Open(name) }

// copies is a directory of files under the names that they had elsewhere.
type copies string

func (c copies) Open(name string) (fs.File, error) { return os.Open(c.place(name)) }

// place keeps a name inside the directory, whatever it was.
func (c copies) place(name string) string {
	parts := strings.Split(filepath.ToSlash(filepath.Clean(name)), "/")
	for i, part := range parts {
		if part == ".." || part == "" {
			parts[i] = "__"
		}
	}
	return filepath.Join(append([]string{string(c)}, parts...)...)
}

// keep writes everything that was read into the run directory, the secrets taken out.
func (s *sources) keep(dir string, secrets []string) error {
	pairs := make([]string, 0, 2*len(secrets))
	for _, secret := range secrets {
		pairs = append(pairs, secret, "REDACTED")
	}
	clean := strings.NewReplacer(pairs...)
	write := func(path string, text []byte) error {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, []byte(clean.Replace(string(text))), 0o644)
	}
	dir = filepath.Join(dir, "sources")
	failed := []error{write(filepath.Join(dir, "scenario"), []byte(s.name+"\n"))}
	for name, text := range s.scenario.read {
		failed = append(failed, write(copies(filepath.Join(dir, "files")).place(name), text))
	}
	for name, text := range s.packs.read {
		failed = append(failed, write(copies(filepath.Join(dir, "packs")).place(name), text))
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("keep the scenario: %w", err)
	}
	return nil
}
