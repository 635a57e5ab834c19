package tables

import (
	"cmp"
	"strconv"

	"brrtload/reports"
	"brrtload/reports/fit"
)

// maxFailures is how many unwanted results are shown; result.json has more of them.
const maxFailures = 10

// failures shows the first unwanted results, one of each kind: what a person looks for next to a
// count of errors.
func failures(r reports.Report) Table {
	t := Table{Title: "Unwanted results (the first of each kind)", Columns: []Column{
		{"request", false}, {"status", true}, {"outcome", false}, {"what came", false}}}
	seen := map[reports.Failure]bool{}
	for _, f := range r.Failures {
		kind := reports.Failure{Request: f.Request, Status: f.Status, Outcome: f.Outcome}
		if seen[kind] || len(seen) == maxFailures {
			continue
		}
		seen[kind] = true
		t.Add(0, fit.Line(f.Request, fit.NameWidth), statusOf(f.Status), fit.Line(f.Outcome, fit.NameWidth),
			fit.Line(cmp.Or(f.Error, f.Body), 120))
	}
	return t
}

// statusOf shows an HTTP status, and a dash where none came.
func statusOf(status int) string {
	if status == 0 {
		return "–"
	}
	return strconv.Itoa(status)
}
