package reports

import (
	"cmp"
	"strconv"
)

// maxFailures is how many unwanted results are shown; result.json has more of them.
const maxFailures = 10

// failures shows the first unwanted results, one of each kind: what a person looks for next to a
// count of errors.
func failures(r Report) table {
	t := table{title: "Unwanted results (the first of each kind)", columns: []column{
		{"request", false}, {"status", true}, {"outcome", false}, {"what came", false}}}
	seen := map[Failure]bool{}
	for _, f := range r.Failures {
		kind := Failure{Request: f.Request, Status: f.Status, Outcome: f.Outcome}
		if seen[kind] || len(seen) == maxFailures {
			continue
		}
		seen[kind] = true
		t.add(0, line(f.Request, nameWidth), statusOf(f.Status), line(f.Outcome, nameWidth),
			line(cmp.Or(f.Error, f.Body), 120))
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
