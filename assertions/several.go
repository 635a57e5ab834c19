package assertions

import (
	"context"
	"fmt"
	"slices"

	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// SeveralProcesses is why no count of an endpoint is exact.
const SeveralProcesses = "several processes answer here in turn, each with its own counts; scrape one process, or merge their counts"

// mergedOrNot is the same where nothing shows that these processes merge their counts.
const mergedOrNot = "several processes may answer here in turn, each with its own counts; scrape one process, or merge their counts"

// MayBeSeveral is the same where nothing shows which process answered.
const MayBeSeveral = "several processes may answer here in turn, each with its own counts, or the service restarted: it does not expose " + facts.StartTime

// perProcess are labels by which an exposition tells its processes apart.
var perProcess = []string{"pid", "process", "process_id", "worker", "worker_id"}

// Answering is how an endpoint's scrapes are answered.
type Answering int

const (
	ByOne       Answering = iota
	MaybeInTurn           // several processes are used, and nothing shows whether they merge their counts
	MaybeByOne            // several processes listen and one is used; nothing shows whether they merge their counts
	InTurn                // by several, or by one of several
)

// Why returns the reason for which counts prove nothing.
func (a Answering) Why() string {
	if a == InTurn {
		return SeveralProcesses
	}
	return mergedOrNot
}

// Several returns the endpoints that several processes answer in turn, or may: their start times
// went back, or several processes listen there and only one was ever seen.
func Several(ctx context.Context, e facts.Evidence) (map[string]Answering, error) {
	w, ok := e.Window(facts.Scraped)
	if !ok {
		return nil, nil
	}
	found := map[string]Answering{}
	turns, err := promql.EachEndpoint(ctx, e, w,
		"sum by (endpoint) (max_over_time(brrtload_scrape_turns_total[range()])) > 0")
	if err != nil {
		return nil, err
	}
	for endpoint := range turns {
		found[endpoint] = InTurn
	}
	if _, known := found[facts.Target]; known {
		return found, nil
	}
	how, err := listening(ctx, e, w)
	if how != ByOne {
		found[facts.Target] = how
	}
	return found, err
}

// listening returns how the target's scrapes are answered by the processes that listen at its port.
// One of several that shows its start time speaks for itself. Without a start time counts may be
// merged; where all connections were one process's, the counts would be right either way.
func listening(ctx context.Context, e facts.Evidence, w facts.Window) (Answering, error) {
	listen, _, err := promql.Single(ctx, e, w, promql.Must("sum(last_over_time(brrtload_target_processes[range()]))"))
	scraped := slices.ContainsFunc(e.Families(w), func(f facts.Family) bool { return f.Endpoint == facts.Target })
	if err != nil || listen < 2 || !scraped || apart(e, w) {
		return ByOne, err
	}
	started, _, err := promql.Single(ctx, e, w,
		promql.Must(fmt.Sprintf("count(present_over_time(%s{endpoint=\"\"}[range()]))", facts.StartTime)))
	if err != nil || started > 1 {
		return ByOne, err
	}
	connected, _, err := promql.Single(ctx, e, w,
		promql.Must(`sum(last_over_time(brrtload_target_processes{connected="yes"}[range()]))`))
	switch {
	case started > 0:
		return InTurn, err
	case connected > 1:
		return MaybeInTurn, err
	default:
		return MaybeByOne, err
	}
}

// merged is the help text of every family of Python's multiprocess mode, in older versions.
const merged = "Multiprocess metric"

// apart reports whether the target's exposition tells its processes apart by a label, or is known
// to be a merged one.
func apart(e facts.Evidence, w facts.Window) bool {
	return slices.ContainsFunc(e.Families(w), func(f facts.Family) bool {
		return f.Endpoint == facts.Target &&
			(f.Help == merged || slices.ContainsFunc(perProcess, func(label string) bool { return len(f.Labels[label]) > 0 }))
	})
}
