package tables

import (
	"github.com/fatih/color"

	"brrtload/assertions"
	"brrtload/reports"
)

// Mark is how a verdict looks: readable without colour, distinguished by colour.
type Mark struct {
	Sign  string
	Word  string
	Paint color.Attribute
}

// Marks are how verdicts look.
var Marks = map[assertions.Verdict]Mark{
	assertions.NotApplicable: {"–", "not applicable", color.Faint},
	assertions.Pass:          {"✓", "pass", color.FgGreen},
	assertions.Inconclusive:  {"?", "inconclusive", color.FgYellow},
	assertions.DoesNotFit:    {"⊘", "does not fit", color.FgYellow},
	assertions.Fail:          {"✗", "fail", color.FgRed},
	assertions.Untruthful:    {"≠", "untruthful", color.FgMagenta},
	assertions.Error:         {"!", "error", color.FgRed},
}

// Warned marks a warning that did not hold.
var Warned = Mark{"⚠", "warning", color.FgYellow}

// MarkOf returns the mark of a check.
func MarkOf(c assertions.Check) Mark {
	if !reports.Held(c) && !reports.Decides(c) {
		return Warned
	}
	return Marks[c.Verdict]
}
