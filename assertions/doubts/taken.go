package doubts

import (
	"slices"
	"strings"

	"brrtload/assertions/promql"
)

// The series that are there whenever a log or spans were taken in, whatever was in them.
const (
	LogTaken   = "brrtload_log_lines_total"
	SpansTaken = "brrtload_spans_total"
)

// Why there is nothing to look at.
const (
	NoLog   = "no log was taken in: the scenario needs a `logs` section, and a target that brrtload starts or a log file that is there"
	NoSpans = "no spans were taken in: the scenario needs a `traces` section, and a target that brrtload starts or one that exports to its `listen` address"
)

// NotTaken reports why a series of the log or of spans is missing, and nothing of any other.
func NotTaken(metric string) string {
	switch {
	case strings.HasPrefix(metric, "brrtload_log_"):
		return NoLog
	case strings.HasPrefix(metric, "brrtload_span"):
		return NoSpans
	}
	return ""
}

// Tellers names those who tell what a query counts.
func Tellers(q promql.Query) string {
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
