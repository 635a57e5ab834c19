package page

import (
	"fmt"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// loggedView is one row of log lines.
type loggedView struct{ At, Level, Count, Text string }

func logViews(lines []reports.Logged) (views []loggedView) {
	for _, l := range lines {
		if !l.Serious() {
			continue
		}
		views = append(views, viewOfLogged(l))
	}
	return views
}

// loggedFor returns the log lines that belong to a check: those of the events that its query names,
// or else, of one that compares no counts, those that ask for attention.
func loggedFor(c assertions.Check, lines []reports.Logged) (views []loggedView) {
	named := func(l reports.Logged) bool {
		return l.Event != "" && strings.Contains(c.Query, fmt.Sprintf("%q", l.Event))
	}
	keep := func(l reports.Logged) bool { return l.Serious() && !reports.Countable(c) }
	if slices.Contains(c.Metrics, "brrtload_log_events_total") && slices.ContainsFunc(lines, named) {
		keep = named
	}
	for _, l := range lines {
		if keep(l) && len(views) < maxLogged {
			views = append(views, viewOfLogged(l))
		}
	}
	return views
}

// maxLogged is the number of log lines that a finding shows.
const maxLogged = 5

func viewOfLogged(l reports.Logged) loggedView {
	at := "–"
	if l.At != nil {
		at = fmt.Sprintf("%.1f s", *l.At)
	}
	return loggedView{at, fit.Line(l.Level, fit.NameWidth), tables.Count(uint64(max(l.Count, 0))), fit.Line(l.Text, 400)}
}
