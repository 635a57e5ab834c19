package reports

import (
	"fmt"
	"slices"
	"strings"

	"brrtload/assertions"
)

// Logged is log lines that are alike: the first of them stands for all.
type Logged struct {
	At    *float64 `json:"at,omitempty"` // seconds after the load began; nil where the line has no time
	Level string   `json:"level,omitempty"`
	Event string   `json:"event"`
	Text  string   `json:"text"`  // the first line as it was written, its beginning
	Count int      `json:"count"` // how many lines
}

// maxLogged is the number of log lines that a finding shows.
const maxLogged = 5

// loggedView is one row of log lines.
type loggedView struct{ At, Level, Count, Text string }

func logViews(lines []Logged) (views []loggedView) {
	for _, l := range lines {
		if !l.serious() {
			continue
		}
		views = append(views, l.view())
	}
	return views
}

func (l Logged) view() loggedView {
	at := "–"
	if l.At != nil {
		at = fmt.Sprintf("%.1f s", *l.At)
	}
	return loggedView{at, line(l.Level, nameWidth), count(uint64(max(l.Count, 0))), line(l.Text, 400)}
}

// serious reports whether a line has a level that asks for attention.
func (l Logged) serious() bool {
	switch strings.ToLower(l.Level) {
	case "warn", "warning", "error", "err", "fatal", "critical", "panic":
		return true
	}
	return false
}

// loggedFor returns the log lines that belong to a check: those of the events that its query names,
// or else, of one that compares no counts, those that ask for attention.
func loggedFor(c assertions.Check, lines []Logged) (views []loggedView) {
	named := func(l Logged) bool { return l.Event != "" && strings.Contains(c.Query, fmt.Sprintf("%q", l.Event)) }
	keep := func(l Logged) bool { return l.serious() && !countable(c) }
	if slices.Contains(c.Metrics, "brrtload_log_events_total") && slices.ContainsFunc(lines, named) {
		keep = named
	}
	for _, l := range lines {
		if keep(l) && len(views) < maxLogged {
			views = append(views, l.view())
		}
	}
	return views
}
