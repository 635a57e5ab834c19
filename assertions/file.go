package assertions

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"brrtload/internal/diag"
)

// document is one assertions file.
type document struct {
	Budgets    []*Budget    `yaml:"budgets"`
	Identities []*Identity  `yaml:"identities"`
	Rules      []Rules      `yaml:"rules"`
	Liveness   []*Liveness  `yaml:"liveness"`
	Returns    []*Return    `yaml:"returns"`
	Agreements []*Agreement `yaml:"agreements"`
	Logs       []*LogEvent  `yaml:"logs"`
	Contract   *diag.Text   `yaml:"contract"` // the name of a contract file
}

// Load reads an assertions file: YAML with the lists budgets, identities, rules, liveness, returns,
// agreements and logs, and the name of a contract file. Everything wrong with it, and with the
// rule files that it names, is reported at once, as a diag.List.
func Load(fsys fs.FS, name string) ([]Assertion, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read assertions: %w", err)
	}
	return read(fsys, &diag.Source{Name: name, Text: text})
}

func read(fsys fs.FS, src *diag.Source) ([]Assertion, error) {
	var d document
	if err := diag.Decode(src, &d); err != nil {
		return nil, err
	}
	list, found := d.assertions(), diag.List(nil)
	for _, r := range d.Rules {
		alerts, err := r.alerts(fsys, path.Dir(src.Name))
		list = append(list, alerts...)
		found = gather(found, err)
	}
	if d.Contract != nil {
		more, err := contract(fsys, path.Dir(src.Name), *d.Contract)
		list = append(list, more...)
		found = gather(found, err)
	}
	found = gather(found, Unique(list))
	return list, found.Err()
}

// gather adds what an error of package diag holds.
func gather(found diag.List, err error) diag.List {
	var list diag.List
	var one diag.Diagnostic
	switch {
	case errors.As(err, &list):
		return append(found, list...)
	case errors.As(err, &one):
		return append(found, one)
	case err != nil:
		return append(found, diag.Diagnostic{Message: err.Error()})
	}
	return found
}

// Decode reads the sections of a scenario that are written like those of an assertions file. Either may be absent.
func Decode(budgets, identities diag.Node) ([]Assertion, error) {
	var d document
	var found diag.List
	for _, section := range []struct {
		node diag.Node
		to   any
	}{{budgets, &d.Budgets}, {identities, &d.Identities}} {
		if section.node.IsZero() {
			continue
		}
		found = gather(found, section.node.Decode(section.to))
	}
	list := d.assertions()
	if len(found) == 0 {
		found = gather(found, Unique(list))
	}
	return list, found.Err()
}

func (d document) assertions() []Assertion {
	var list []Assertion
	for _, b := range d.Budgets {
		list = append(list, b)
	}
	for _, i := range d.Identities {
		list = append(list, i)
	}
	for _, l := range d.Liveness {
		list = append(list, l)
	}
	for _, r := range d.Returns {
		list = append(list, r)
	}
	for _, a := range d.Agreements {
		list = append(list, a)
	}
	for _, l := range d.Logs {
		list = append(list, l)
	}
	return list
}

// Unique gives a diagnostic for every assertion whose id an earlier one has.
func Unique(list []Assertion) error {
	var found diag.List
	seen := map[string]diag.Position{deliveryID: {File: "the delivery check"}}
	for _, a := range list {
		about := a.About()
		if first, ok := seen[about.ID]; ok {
			found = append(found, diag.Diagnostic{Position: about.Position,
				Message: diag.Printable(fmt.Sprintf("the id %q is used already, at %s", about.ID, first))})
			continue
		}
		seen[about.ID] = about.Position
	}
	return found.Err()
}
