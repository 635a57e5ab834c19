package assertions

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"brrtload/internal/diag"
)

// The sources of events.
const (
	FromLog    = "log"    // log events of one name and one shape: a field's value is the list of the types that it fits
	FromTrace  = "trace"  // traces of one shape
	FromScreen = "screen" // a place where a secret was found: its name
)

// LevelField is the field of a log event that has its level.
const LevelField = "@level"

// The fields of a place where a secret was found, as far as they are known.
const (
	OwnerField = "owner" // what of the scenario the secret is: a credential, with its name
	LineField  = "line"  // the first line that had it, and of which file
)

// always is a window without edges: events of one shape stand at the time when the shape was first seen, whenever it was seen last.
var always = Window{Name: Run, End: time.Unix(1<<40, 0)}

// The series that are there whenever a log or spans were taken in, whatever was in them.
const (
	logTaken   = "brrtload_log_lines_total"
	spansTaken = "brrtload_spans_total"
)

// Why there is nothing to look at.
const (
	noLog   = "no log was taken in: the scenario needs a `logs` section, and a target that brrtload starts or a log file that is there"
	noSpans = "no spans were taken in: the scenario needs a `traces` section, and a target that brrtload starts or one that exports to its `listen` address"
)

// notTaken says why a series of the log or of spans is missing, and nothing of any other.
func notTaken(metric string) string {
	switch {
	case strings.HasPrefix(metric, "brrtload_log_"):
		return noLog
	case strings.HasPrefix(metric, "brrtload_span"):
		return noSpans
	}
	return ""
}

// tellers names those who tell what a query counts.
func tellers(q Query) string {
	var names []string
	for _, metric := range q.metrics() {
		switch {
		case strings.HasPrefix(metric, "brrtload_log_"):
			metric = "the log"
		case strings.HasPrefix(metric, "brrtload_span"):
			metric = "spans received"
		}
		if !slices.Contains(names, metric) {
			names = append(names, metric)
		}
	}
	return strings.Join(names, " and ")
}

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// checkLabels complains about names that no label of a count of events or spans may have.
func checkLabels(n diag.Node, by map[string]string) error {
	var found diag.List
	for _, label := range slices.Sorted(maps.Keys(by)) {
		if !labelName.MatchString(label) || slices.Contains([]string{"event", "level", "name", "kind", "span_status", "joined"}, label) {
			found = append(found, n.Errorf("%q cannot be a label to count by", label))
		}
	}
	return found.Err()
}

// Wants is what the intake of log events and spans must keep so that a list of assertions can be judged.
type Wants struct {
	Events     map[string]EventWants // by the event's name
	SpanLabels map[string]string     // labels that spans are counted by, to the attributes that have their values
	Attributes []string              // of the root span of a trace
}

// EventWants is what must be kept of the log events of one name.
type EventWants struct {
	Labels map[string]string // labels that they are counted by, to the fields that have their values
	Fields []string          // whose types are kept
}

// Intake lists what the assertions want.
func Intake(list []Assertion) Wants {
	w := Wants{Events: map[string]EventWants{}, SpanLabels: map[string]string{}}
	for _, a := range list {
		wants := a.About().Intake
		for name, more := range wants.Events {
			known := w.Events[name]
			if known.Labels == nil {
				known.Labels = map[string]string{}
			}
			maps.Copy(known.Labels, more.Labels)
			known.Fields = append(known.Fields, more.Fields...)
			slices.Sort(known.Fields)
			known.Fields = slices.Compact(known.Fields)
			w.Events[name] = known
		}
		maps.Copy(w.SpanLabels, wants.SpanLabels)
		w.Attributes = append(w.Attributes, wants.Attributes...)
	}
	slices.Sort(w.Attributes)
	w.Attributes = slices.Compact(w.Attributes)
	return w
}
