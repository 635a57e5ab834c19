// Package suite has a scenario with everything that it asserts as one value.
//
// In go the texts of a scenario and of all files that it names; out comes a [Suite], which can be
// kept in a run directory, opened from there, and judge evidence. package run carries it out,
// package kept reads run directories.
package suite

import (
	"context"

	"brrtload/assertions"
	"brrtload/assertions/judge"
	"brrtload/assertions/lint"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/files"
	"brrtload/scenarios"
)

// Suite is a scenario with everything that it asserts, as changed by the command line.
type Suite struct {
	Scenario   *scenarios.Scenario
	Assertions []assertions.Assertion

	source  *Source
	changes Changes
}

// Judge judges evidence by what the suite asserts.
func (s *Suite) Judge(ctx context.Context, of facts.Evidence) (assertions.Judgement, error) {
	return judge.Judge(ctx, of, s.Assertions)
}

// By returns the suite with the assertions of other packs and files instead of its own, and those
// that every run is held to. The error is a [diag.List], or a [diag.Mistake].
func (s *Suite) By(names ...string) (*Suite, error) {
	list, err := newSource("", files.OS{}).others(names, s.Scenario)
	if err != nil {
		return nil, err
	}
	found := append(knownWindows(s.Scenario, list), lint.Misread(list, clientOf(s.Scenario))...)
	if len(found) > 0 {
		return nil, found.Err()
	}
	other := *s
	other.Assertions = list
	return &other, nil
}

// AskedAt returns, for a place in a shipped file, the place in the scenario that asks for it: the
// name of the pack, or the scenario's beginning for packs that every run is held to. Other places
// it returns as they are.
func (s *Suite) AskedAt(p diag.Position) diag.Position {
	if _, shipped := p.Shipped(); !shipped {
		return p
	}
	for _, name := range s.Scenario.Assert {
		if p.File == diag.ShippedPacks+name.Value+".yaml" {
			return name.Position()
		}
	}
	return diag.Position{File: s.Scenario.Source.Name, Line: 1, Column: 1}
}

// LooksBackTooFar returns a warning for each alert that looks back further than its window lasts.
func (s *Suite) LooksBackTooFar() diag.List {
	_, warnings := tooLong(s.Scenario, s.Assertions)
	return warnings
}
