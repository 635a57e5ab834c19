package lint

import (
	"brrtload/assertions"
	"brrtload/internal/diag"
	"slices"
	"strings"
	"time"
)

// Nowhere lists the budgets and alerts over a window that is none of those known.
func Nowhere(list []assertions.Assertion, known []string) diag.List {
	var found diag.List
	said := map[diag.Position]bool{} // of a rule file once, however many alerts it has
	for _, a := range list {
		if in := a.About().In; in.Value != "" && !slices.Contains(known, in.Value) && !said[in.Position()] {
			said[in.Position()] = true
			found = append(found, in.Errorf("%q is in no stage or phase named %q%s (there are %s)",
				a.About().ID, in.Value, diag.DidYouMean(in.Value, known), strings.Join(known, ", ")))
		}
	}
	return found
}

// TooLong finds what looks back further than its window lasts, in a run whose windows last as long
// as given; of others nothing is known before they are over. Such a budget is a mistake. Such a
// rule is a warning: the file may be one that production has, and the run judges its other alerts.
func TooLong(list []assertions.Assertion, lengths map[string]time.Duration) (mistakes, warnings diag.List) {
	for _, a := range list {
		about := a.About()
		length, known := lengths[about.In.Value]
		if !known {
			continue
		}
		switch text, place := about.TooLong(length); {
		case text == "":
		case about.Alert != nil:
			warnings = append(warnings, about.Queries[0].ErrorAt(place, text+"; as it is, the alert is inconclusive"))
		default:
			mistakes = append(mistakes, about.Queries[0].ErrorAt(place, text))
		}
	}
	return mistakes, warnings
}
