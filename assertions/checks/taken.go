package checks

import (
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"maps"
	"regexp"
	"slices"
	"strings"
)

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

// notTaken reports why a series of the log or of spans is missing, and nothing of any other.
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
func tellers(q promql.Query) string {
	var names []string
	for _, metric := range q.Metrics() {
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
		if !labelName.MatchString(label) || slices.Contains([]string{"event", "level", "name", "kind", "span_status",
			"joined"}, label) {
			found = append(found, n.Errorf("%q cannot be a label to count by", label))
		}
	}
	return found.Err()
}
