package tables

import (
	"regexp"
	"strings"

	"brrtload/assertions"
	"brrtload/reports/fit"
)

// NotInAnchors are what an address of a part of the page cannot hold.
var NotInAnchors = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// Anchor returns the part of the page's address that leads to a check.
func Anchor(id string) string {
	return "check-" + NotInAnchors.ReplaceAllString(fit.Line(id, fit.IdWidth), "-")
}

// PageAddress names the file of the run directory, and the part of it, that shows a check that did
// not hold.
func PageAddress(c assertions.Check) string { return PageFile + "#" + Anchor(c.ID) }

// ClassOf returns how the page and JUnit name a verdict, in one word.
func ClassOf(v assertions.Verdict) string { return strings.ReplaceAll(v.String(), " ", "-") }

// PageFile is the file of a run directory to open first.
const PageFile = "report.html"
