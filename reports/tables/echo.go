package tables

import (
	"slices"

	"brrtload/assertions"
	"brrtload/reports"
)

// Echoed returns the checks, in their order, with a reason that stood before replaced by the name
// of the check that gave it.
func Echoed(checks []assertions.Check) []assertions.Check {
	type reason struct{ word, text string }
	first := map[reason]string{}
	out := slices.Clone(checks)
	for i, c := range checks {
		key := reason{MarkOf(c).Word, reports.CauseOf(c)}
		id, known := first[key]
		switch {
		case reports.Held(c), c.Overruled.Accuses(), key.text == "":
		case !known:
			first[key] = c.ID
		case c.Overruled == nil:
			out[i].Reason = "as " + id
		default:
			o := *c.Overruled
			o.Text, out[i].Overruled = "as "+id, &o
		}
	}
	return out
}
