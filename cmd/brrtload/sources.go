package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/lint"
	"brrtload/assertions/packs"
	"brrtload/internal/diag"
	"brrtload/scenarios"
)

// sources are the texts that a run is made from: the scenario, its assertions, and every file they
// name. A run keeps them, so that it can be judged again when the originals have changed.
type sources struct {
	scenario library // the scenario and the files beside it
	packs    library // shipped packs of assertions
	name     string  // of the scenario's file
	kept     bool    // by a run, without the secrets
}

// library is a file system that remembers what was read from it. Diagnostics and reports call a
// shipped file by a longer name than it has there.
type library struct {
	from fs.FS
	read map[string][]byte
}

// newSources looks in the shipped files for a plain name, and in the file system of the process for
// a path.
func newSources(file string, shipped bool) *sources {
	s := &sources{scenario: library{files{}, map[string][]byte{}}, packs: library{packs.Shipped(), map[string][]byte{}},
		name: file}
	if shipped {
		s.scenario.from, s.name = scenarios.Shipped(), diag.ShippedScenarios+file
	}
	return s
}

// load reads the scenario and everything that it asserts, and changes it as the command line says.
// Mistakes in files are reported together.
func (s *sources) load(c changes) (*scenarios.Scenario, []assertions.Assertion, error) {
	var own packs.Document
	o := scenarios.Settings{Set: c.Set, Kept: s.kept, Sections: []any{&own},
		ReadSecret: func(name string) ([]byte, error) { // past the library, which would keep it
			if !path.IsAbs(name) {
				name = path.Join(path.Dir(s.name), name)
			}
			return fs.ReadFile(s.scenario.from, name)
		}}
	if strings.HasPrefix(s.name, diag.ShippedScenarios) {
		o.Dir = "." // it is in no directory
	}
	if s.kept {
		o.Environment = func(name string) (string, bool) { value, ok := c.Environment[name]; return value, ok }
	}
	scenario, err := o.Load(s.scenario, s.name)
	if unreadable(err) {
		return nil, nil, usage(err)
	}
	if scenario == nil {
		return nil, nil, err
	}
	found := diag.List(nil).With(err)
	list, err := s.asserted(scenario, own)
	found = found.With(err)
	if !s.kept { // of a kept one the mistakes would have been found before
		found = append(found, knownWindows(scenario, list)...)
		found = append(found, lint.Misread(list, clientOf(scenario))...)
		if !c.restages() {
			mistakes, _ := tooLong(scenario, list)
			found = append(found, mistakes...)
		}
	}
	if len(found) > 0 {
		return scenario, list, found.Err()
	}
	if err = c.apply(scenario); err != nil {
		return scenario, list, err
	}
	if !s.kept && c.restages() {
		if mistakes, _ := tooLong(scenario, list); len(mistakes) > 0 {
			return scenario, list, mistakes.Err()
		}
	}
	if list, err = s.withDefaults(list, scenario, scenario.Assert...); err == nil && !s.kept {
		err = s.apart(scenario, list, c)
	}
	return scenario, list, err
}

// unreadable reports that a file could not be read, as against what is wrong in it.
func unreadable(err error) bool {
	var at *fs.PathError
	return !holds(err) && errors.As(err, &at)
}

// Places in a run directory.
const (
	keptName    = "sources/scenario"
	keptChanges = "sources/changes.json"
	keptFiles   = "sources/files"
	keptPacks   = "sources/packs"
)

// keptSources looks in a run directory, where [sources.keep] put them.
func keptSources(dir string) (*sources, changes, error) {
	var c changes
	name, err := os.ReadFile(filepath.Join(dir, keptName))
	if err != nil {
		return nil, c, fmt.Errorf("%s is not a run directory: %w", dir, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, keptChanges))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return nil, c, fmt.Errorf("%s is not a whole run directory: %w", dir, err)
	}
	s := newSources(strings.TrimSpace(string(name)), false)
	s.scenario.from, s.packs.from, s.kept = copies(filepath.Join(dir, keptFiles)), copies(filepath.Join(dir,
		keptPacks)), true
	return s, c, nil
}

// Open implements fs.FS.
func (l library) Open(name string) (fs.File, error) {
	name = diag.Embedded(name)
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

// copies is a directory of files under the names that they had elsewhere.
type copies string

func (c copies) Open(name string) (fs.File, error) { return openPage(c.place(name)) }

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

// keep writes everything that was read into the run directory, and what was changed, the secrets
// taken out.
func (s *sources) keep(dir string, scenario *scenarios.Scenario, c changes) error {
	clean := scenario.Redactor()
	write := func(path, text string) error {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, []byte(text), 0o644)
	}
	c.Environment = scenario.Variables
	changed, err := json.MarshalIndent(c.redacted(clean), "", "  ")
	failed := []error{err, write(filepath.Join(dir, keptName), s.name+"\n"),
		write(filepath.Join(dir, keptChanges), string(changed)+"\n")}
	for name, text := range s.scenario.read {
		failed = append(failed, write(copies(filepath.Join(dir, keptFiles)).place(name), clean.Replace(string(text))))
	}
	for name, text := range s.packs.read {
		// anybody may read those
		failed = append(failed, write(copies(filepath.Join(dir, keptPacks)).place(name), string(text)))
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("keep the scenario: %w", err)
	}
	return nil
}
