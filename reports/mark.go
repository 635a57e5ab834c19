package reports

import (
	"github.com/fatih/color"

	"brrtload/assertions"
)

// mark is how a verdict looks: readable without colour, distinguished by colour.
type mark struct {
	sign  string
	word  string
	paint color.Attribute
}

var marks = map[assertions.Verdict]mark{
	assertions.NotApplicable: {"–", "not applicable", color.Faint},
	assertions.Pass:          {"✓", "pass", color.FgGreen},
	assertions.Inconclusive:  {"?", "inconclusive", color.FgYellow},
	assertions.DoesNotFit:    {"⊘", "does not fit", color.FgYellow},
	assertions.Fail:          {"✗", "fail", color.FgRed},
	assertions.Untruthful:    {"≠", "untruthful", color.FgMagenta},
	assertions.Error:         {"!", "error", color.FgRed},
}

// warned marks a warning that did not hold.
var warned = mark{"⚠", "warning", color.FgYellow}

// held reports whether nothing need be said of the check: it held, or there was nothing to hold.
func held(c assertions.Check) bool { return c.Verdict <= assertions.Pass }

// Decides reports whether a check did not hold and may decide the run's verdict: it is not a mere
// warning.
func Decides(c assertions.Check) bool { return !held(c) && c.Severity != assertions.Warning }

func markOf(c assertions.Check) mark {
	if !held(c) && !Decides(c) {
		return warned
	}
	return marks[c.Verdict]
}
