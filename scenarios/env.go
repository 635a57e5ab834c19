package scenarios

import (
	"maps"
	"os"
	"slices"
	"strings"

	"brrtload/internal/diag"
)

// Env is the environment that a started target gets besides brrtload's own.
type Env map[string]Setting

// Setting is the value of a variable: a text, which a run keeps, or a secret in a variable or a
// file: {env: NAME} or {file: PATH}.
type Setting struct {
	Text   diag.Text
	Secret Secret
}

// UnmarshalNode implements diag.Unmarshaler.
func (s *Setting) UnmarshalNode(n diag.Node) error {
	if n.IsMapping() {
		return s.Secret.UnmarshalNode(n)
	}
	return s.Text.UnmarshalNode(n)
}

// Assignments lists the variables as NAME=VALUE, in the order of their names. They hold the secrets
// themselves.
func (e Env) Assignments() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(e)) {
		setting := e[name]
		value := setting.Text.Value
		if !setting.Secret.IsZero() {
			value = setting.Secret.Reveal()
		}
		list = append(list, name+"="+value)
	}
	return list
}

// secrets lists the texts of the secrets among the variables.
func (e Env) secrets(variables map[string]string) (texts []string) {
	for _, name := range slices.Sorted(maps.Keys(e)) {
		setting := e[name]
		texts = append(texts, setting.Secret.texts(variables)...)
	}
	return texts
}

// checkStart looks at what a target is started with, and fetches the secrets of its environment.
func (s *Scenario) checkStart(found *diag.List) {
	t := &s.Target
	started := t.Bundled != nil || len(t.Command) > 0
	if t.At != (diag.Position{}) && !started && (len(t.Env) > 0 || t.Dir != "") {
		*found = append(*found, s.at(t.At,
			`"env" and "dir" are for a target that is started for the run: "bundled", or a "command"`))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		setting := t.Env[name]
		if name == "" || strings.ContainsAny(name, "=\x00") {
			*found = append(*found, s.at(s.place("target", "env"), "%q cannot name a variable", name))
		}
		if strings.ContainsRune(setting.Text.Value, 0) {
			*found = append(*found, setting.Text.Errorf("the value of a variable has no NUL"))
		}
		if err := setting.Secret.resolve(s); err != nil {
			*found = append(*found, *err)
		}
		t.Env[name] = setting
	}
	if t.Dir == "" || s.settings.Kept {
		return
	}
	if info, err := os.Stat(s.Path(t.Dir)); err != nil {
		*found = append(*found, s.at(s.place("target", "dir"), "no directory %s: %v", s.Path(t.Dir), reason(err)))
	} else if !info.IsDir() {
		*found = append(*found, s.at(s.place("target", "dir"), "%s is not a directory", s.Path(t.Dir)))
	}
}
