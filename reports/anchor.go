package reports

import (
	"regexp"
	"strings"

	"brrtload/assertions"
)

var notInAnchors = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// Anchor returns the part of the page's address that leads to a check.
func Anchor(id string) string {
	return "check-" + notInAnchors.ReplaceAllString(line(id, idWidth), "-")
}

// pageAddress names the file of the run directory, and the part of it, that shows a check that did
// not hold.
func pageAddress(c assertions.Check) string { return pageFile + "#" + Anchor(c.ID) }

func classOf(v assertions.Verdict) string { return strings.ReplaceAll(v.String(), " ", "-") }
