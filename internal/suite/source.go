package suite

import (
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"brrtload/assertions/lint"
	"brrtload/assertions/packs"
	"brrtload/internal/diag"
	"brrtload/internal/files"
	"brrtload/scenarios"
)

// Source is the texts that a suite is made from: the scenario, its assertions, and every file that
// they name. It remembers what was read, so that a run can keep it.
type Source struct {
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
	return files.NewPage(text, info), nil
}

// File returns the source of a scenario at a path.
func File(name string) *Source { return newSource(name, files.OS{}) }

// Text returns the source of a scenario that is no file; name is what a run calls it.
func Text(name, text string) *Source { return newSource(name, files.Single{Title: name, Text: text}) }

// Shipped returns the source of a shipped scenario, by one of [scenarios.Names].
func Shipped(name string) *Source {
	s := newSource(name+".yaml", scenarios.Shipped())
	s.name = diag.ShippedScenarios + s.name
	return s
}

// IsFile distinguishes the path of a file from the name of something shipped: what has a slash or
// ends in .yaml or .yml is a path.
func IsFile(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml" || strings.ContainsRune(name, filepath.Separator)
}

// Find returns the source of a shipped scenario by its name, or of a file by its path; see
// [IsFile]. The error is a [diag.Mistake].
func Find(name string) (*Source, error) {
	if IsFile(name) {
		return File(name), nil
	}
	if shipped := scenarios.Names(); !slices.Contains(shipped, name) {
		return nil, diag.Mistakef("no scenario named %q%s (a file is given by its path; `brrtload scenarios` lists the shipped ones)",
			name, diag.DidYouMean(name, shipped))
	}
	return Shipped(name), nil
}

func newSource(name string, from fs.FS) *Source {
	return &Source{name: name, scenario: library{from, map[string][]byte{}},
		packs: library{packs.Shipped(), map[string][]byte{}}}
}

// Load reads the scenario and everything that it asserts, and makes the changes. The error is a
// [diag.List] of the mistakes in all files, or a [diag.Mistake].
func (src *Source) Load(c Changes) (*Suite, error) {
	s := &Suite{source: src, changes: c}
	var own packs.Document
	var err error
	s.Scenario, err = src.settings(c, &own).Load(src.scenario, src.name)
	if files.Unreadable(err) {
		return nil, diag.Mistake{Err: err}
	}
	if s.Scenario == nil {
		return nil, err
	}
	found := diag.List(nil).With(err)
	s.Assertions, err = src.asserted(s.Scenario, own)
	if found = found.With(err); !src.kept { // a kept one was checked when it was run
		found = append(found, s.misread()...)
	}
	if len(found) > 0 {
		return nil, found.Err()
	}
	if err = c.apply(s.Scenario); err != nil {
		return nil, err
	}
	if !src.kept && c.restages() {
		if mistakes, _ := tooLong(s.Scenario, s.Assertions); len(mistakes) > 0 {
			return nil, mistakes.Err()
		}
	}
	if s.Assertions, err = src.withDefaults(s.Assertions, s.Scenario, s.Scenario.Assert...); err != nil {
		return nil, err
	}
	s.Assertions = traced(s.Assertions, s.Scenario)
	if !src.kept {
		if err := s.apart(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// settings are what the scenario is read with.
func (src *Source) settings(c Changes, own *packs.Document) scenarios.Settings {
	o := scenarios.Settings{Set: c.Set, Kept: src.kept, Sections: []any{own},
		ReadSecret: func(name string) ([]byte, error) { // past the library, which would keep it
			if !path.IsAbs(name) {
				name = path.Join(path.Dir(src.name), name)
			}
			return fs.ReadFile(src.scenario.from, name)
		}}
	if strings.HasPrefix(src.name, diag.ShippedScenarios) {
		o.Dir = "." // it is in no directory
	}
	if src.kept {
		o.Environment = func(name string) (string, bool) { value, ok := c.Environment[name]; return value, ok }
	}
	return o
}

// misread returns what is wrong with the assertions in view of the scenario: windows and labels
// that it does not have, and ranges that are longer than its windows, unless the changes say how
// long those are.
func (s *Suite) misread() diag.List {
	found := append(knownWindows(s.Scenario, s.Assertions), lint.Misread(s.Assertions, clientOf(s.Scenario))...)
	if s.changes.restages() {
		return found
	}
	mistakes, _ := tooLong(s.Scenario, s.Assertions)
	return append(found, mistakes...)
}
