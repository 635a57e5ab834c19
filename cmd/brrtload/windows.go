package main

import (
	"fmt"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/scenarios"
)

// knownWindows gives a diagnostic for every assertion over a window that a run of the scenario does not have. Found after the load, that would look
// like a stage that was not reached.
func knownWindows(s *scenarios.Scenario, list []assertions.Assertion) error {
	plan, err := s.Plan(s.Seed)
	if err != nil {
		return err
	}
	known := scenarios.Windows()
	for _, stage := range plan.Stages() {
		known = append(known, stage.Name, string(stage.Phase))
	}
	slices.Sort(known)
	known = slices.Compact(known)
	var found diag.List
	for _, a := range list {
		about := a.About()
		if kind := about.Kind; (kind == "budget" || kind == "rules") && !slices.Contains(known, about.Window) {
			found = append(found, diag.Diagnostic{Position: about.Position, Message: diag.Printable(fmt.Sprintf("%q is in no stage or phase named %q%s (there are %s)",
				about.ID, about.Window, diag.DidYouMean(about.Window, known), strings.Join(known, ", ")))})
		}
	}
	return found.Err()
}
