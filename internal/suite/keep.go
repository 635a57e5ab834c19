package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"brrtload/assertions/checks"
	"brrtload/internal/diag"
	"brrtload/internal/files"
	"brrtload/scenarios"
)

// Places in a run directory.
const (
	keptName    = "sources/scenario"
	keptChanges = "sources/changes.json"
	keptFiles   = "sources/files"
	keptPacks   = "sources/packs"
)

// Keep writes everything that the suite was read from into a run directory, with what was changed
// and without the secrets. [Open] reads it.
func (s *Suite) Keep(dir string) error {
	c, err := s.redacted()
	changed, unreadable := json.MarshalIndent(c, "", "  ")
	failed := []error{err, unreadable, write(filepath.Join(dir, keptName), s.source.name+"\n"),
		write(filepath.Join(dir, keptChanges), string(changed)+"\n")}
	for name, text := range s.source.scenario.read {
		clean, err := s.clean(&diag.Source{Name: name, Text: text})
		failed = append(failed, err, write(copies(filepath.Join(dir, keptFiles)).place(name), clean))
	}
	for name, text := range s.source.packs.read { // shipped, and no secret
		failed = append(failed, write(copies(filepath.Join(dir, keptPacks)).place(name), string(text)))
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("keep the scenario: %w", err)
	}
	return nil
}

// redacted returns the changes without the secrets.
func (s *Suite) redacted() (Changes, error) {
	c, clean := s.changes, s.Scenario.Redactor()
	c.Set = slices.Clone(c.Set)
	var failed []error
	for i, text := range c.Set {
		o, err := diag.ParseOverride("--set", text)
		if err == nil {
			text, err = o.Redacted(s.Scenario.Secrets(), scenarios.Redacted)
		}
		if err != nil {
			text, err = "", unredacted("--set", err)
		}
		failed = append(failed, err)
		c.Set[i] = clean.Replace(text)
	}
	c.URL, c.Metrics = clean.Replace(c.URL), clean.Replace(c.Metrics)
	c.Environment = maps.Clone(s.Scenario.Variables)
	for name, value := range c.Environment {
		c.Environment[name] = clean.Replace(value)
	}
	return c, errors.Join(failed...)
}

// clean returns a file without the secrets: those that are written in a value are taken out there,
// and then those in comments, and in files that are not YAML.
func (s *Suite) clean(file *diag.Source) (string, error) {
	text, err := file.Redacted(s.Scenario.Secrets(), scenarios.Redacted)
	if err != nil { // nothing of it is kept
		return "", unredacted(file.Name, err)
	}
	return s.Scenario.Redactor().Replace(text), nil
}

func unredacted(where string, err error) error {
	return diag.Mistakef("%s: a secret could not be redacted: %w; keep it elsewhere: {env: NAME} or {file: PATH}", where, err)
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// IsKept reports whether a suite was kept in a directory.
func IsKept(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, keptName))
	return err == nil
}

// Open returns the suite that was kept in a run directory. Its secrets are redacted: it judges, and
// is not to be run. The error is a [diag.Mistake] where the directory is none.
func Open(dir string) (*Suite, error) {
	var c Changes
	name, err := os.ReadFile(filepath.Join(dir, keptName))
	if err != nil {
		return nil, diag.Mistakef("%s is not a run directory: %w", dir, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, keptChanges))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return nil, diag.Mistakef("%s is not a whole run directory: %w", dir, err)
	}
	src := newSource(strings.TrimSpace(string(name)), copies(filepath.Join(dir, keptFiles)))
	src.packs.from, src.kept = copies(filepath.Join(dir, keptPacks)), true
	return src.Load(c)
}

// copies is a directory of files under the names that they had elsewhere.
type copies string

// Open implements fs.FS. What is written in former words is read in the present ones.
func (c copies) Open(name string) (fs.File, error) {
	file, err := files.OS{}.Open(c.place(name))
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return files.NewPage(checks.Present(text), info), file.Close()
}

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
