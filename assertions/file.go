package assertions

import (
	"errors"
	"fmt"
	"io/fs"

	"brrtload/internal/diag"
)

// document is one assertions file.
type document struct {
	Budgets    []*Budget   `yaml:"budgets"`
	Identities []*Identity `yaml:"identities"`
}

// Load reads an assertions file: YAML with the lists budgets and identities. Everything wrong with it is reported at once, as a diag.List.
func Load(fsys fs.FS, name string) ([]Assertion, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read assertions: %w", err)
	}
	return read(&diag.Source{Name: name, Text: text})
}

func read(src *diag.Source) ([]Assertion, error) {
	var d document
	if err := diag.Decode(src, &d); err != nil {
		return nil, err
	}
	return d.assertions()
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
		if err := section.node.Decode(section.to); err != nil {
			var list diag.List
			if !errors.As(err, &list) {
				return nil, err
			}
			found = append(found, list...)
		}
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	return d.assertions()
}

// assertions lists what the document holds, and refuses an id that is used twice.
func (d document) assertions() ([]Assertion, error) {
	var list []Assertion
	for _, b := range d.Budgets {
		list = append(list, b)
	}
	for _, i := range d.Identities {
		list = append(list, i)
	}
	return list, Unique(list)
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
