package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/scenarios"
)

// loadAssertions reads everything that a scenario asserts: packs and files by their names, and the inline sections. The mistakes of all are reported
// together.
func (src *sources) loadAssertions(s *scenarios.Scenario) ([]assertions.Assertion, error) {
	var list []assertions.Assertion
	var found diag.List
	take := func(more []assertions.Assertion, err error, at diag.Text) {
		var several diag.List
		var one diag.Diagnostic
		switch {
		case err == nil:
			list = append(list, more...)
		case errors.As(err, &several):
			found = append(found, several...)
		case errors.As(err, &one):
			found = append(found, one)
		default:
			found = append(found, at.Errorf("%s", err))
		}
	}
	for _, name := range s.Assert {
		from, file := fs.FS(src.packs), name.Value+".yaml"
		if isFile(name.Value) {
			from, file = s.Files, name.Value
		} else if !slices.Contains(assertions.Packs(), name.Value) {
			found = append(found, name.Errorf("no pack named %q%s", name.Value, diag.DidYouMean(name.Value, assertions.Packs())))
			continue
		}
		more, err := assertions.Load(from, file)
		take(more, err, name)
	}
	more, err := assertions.Decode(s.Budgets, s.Identities)
	take(more, err, diag.Text{})
	list = append(list, implied(s)...)
	if len(found) == 0 {
		take(nil, assertions.Unique(list), diag.Text{})
	}
	return list, found.Err()
}

// isFile tells the path of a file from the name of something shipped.
func isFile(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml" || strings.ContainsRune(name, filepath.Separator)
}

// implied are the assertions that follow from the scenario itself: the refusals that its credentials declare are those that the service counts.
func implied(s *scenarios.Scenario) []assertions.Assertion {
	var list []assertions.Assertion
	declared := map[string][]assertions.Refusal{}
	for name, c := range s.Credentials {
		for _, failure := range c.Fails {
			declared[name] = append(declared[name], assertions.Refusal{Provider: failure.Provider, Reason: failure.Reason})
		}
	}
	if len(declared) > 0 {
		list = append(list, assertions.Refusals(declared))
	}
	return list
}
