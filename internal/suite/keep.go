package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"brrtload/internal/diag"
	"brrtload/internal/files"
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
	clean, c := s.Scenario.Redactor(), s.changes
	c.Environment = s.Scenario.Variables
	changed, err := json.MarshalIndent(c.redacted(clean), "", "  ")
	failed := []error{err, write(filepath.Join(dir, keptName), s.source.name+"\n"),
		write(filepath.Join(dir, keptChanges), string(changed)+"\n")}
	for name, text := range s.source.scenario.read {
		failed = append(failed, write(copies(filepath.Join(dir, keptFiles)).place(name), clean.Replace(string(text))))
	}
	for name, text := range s.source.packs.read { // shipped, and no secret
		failed = append(failed, write(copies(filepath.Join(dir, keptPacks)).place(name), string(text)))
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("keep the scenario: %w", err)
	}
	return nil
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

// Open implements fs.FS.
func (c copies) Open(name string) (fs.File, error) { return files.OS{}.Open(c.place(name)) }

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
