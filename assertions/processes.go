package assertions

import (
	"context"
	"fmt"
	"slices"

	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// severalProcesses is why no count of an endpoint is exact.
const SeveralProcesses = "several processes answer here in turn, each with its own counts; scrape one process, or merge their counts"

// mergedOrNot is the same where nothing shows that these processes merge their counts.
const mergedOrNot = "several processes may answer here in turn, each with its own counts; scrape one process, or merge their counts"

// mayBeSeveral is the same where nothing shows which process answered.
const MayBeSeveral = "several processes may answer here in turn, each with its own counts, or the service restarted: it does not expose " + facts.StartTime

// perProcess are labels by which an exposition tells its processes apart.
var perProcess = []string{"pid", "process", "process_id", "worker", "worker_id"}

// answering is how an endpoint's scrapes are answered.
type answering int

const (
	byOne       answering = iota
	maybeInTurn           // several processes are used, and nothing shows whether they merge their counts
	maybeByOne            // several processes listen and one is used; nothing shows whether they merge their counts
	InTurn                // by several, or by one of several
)

// why is the reason for which counts prove nothing.
func (a answering) why() string {
	if a == InTurn {
		return SeveralProcesses
	}
	return mergedOrNot
}

// several returns the endpoints that several processes answer in turn, or may: their start times
// went back, or several processes listen there and only one was ever seen.
func Several(ctx context.Context, e facts.Evidence) (map[string]answering, error) {
	w, ok := e.Window(facts.Scraped)
	if !ok {
		return nil, nil
	}
	found := map[string]answering{}
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
	if how != byOne {
		found[facts.Target] = how
	}
	return found, err
}

// listening returns how the target's scrapes are answered by the processes that listen at its port.
// One of several that shows its start time speaks for itself. Without a start time counts may be
// merged; where all connections were one process's, the counts would be right either way.
func listening(ctx context.Context, e facts.Evidence, w facts.Window) (answering, error) {
	listen, _, err := promql.Single(ctx, e, w, promql.Must("sum(last_over_time(brrtload_target_processes[range()]))"))
	if err != nil || listen < 2 || apart(e, w) {
		return byOne, err
	}
	started, _, err := promql.Single(ctx, e, w,
		promql.Must(fmt.Sprintf("count(present_over_time(%s{endpoint=\"\"}[range()]))", facts.StartTime)))
	if err != nil || started > 1 {
		return byOne, err
	}
	connected, _, err := promql.Single(ctx, e, w,
		promql.Must(`sum(last_over_time(brrtload_target_processes{connected="yes"}[range()]))`))
	switch {
	case started > 0:
		return InTurn, err
	case connected > 1:
		return maybeInTurn, err
	default:
		return maybeByOne, err
	}
}

// minShared is how many hits must be counted exactly to show that processes merge their counts.
const minShared = 20

// provenMerged reports whether the processes of the target merge their counts: several were used,
// and one scrape has counted all hits, no more and no fewer.
func provenMerged(families []facts.Family, checks []Check, list []Assertion) bool {
	for n, a := range list {
		sides := a.About().Sides
		if sides == nil || !sides.Client || checks[n+1].Verdict != Pass ||
			!onlyOf(families, facts.Target, sides.Server.Metrics()) {
			continue
		}
		if certainHits(checks[n+1]) >= minShared {
			return true
		}
	}
	return false
}

// certainHits returns how many hits an identity counts for certain.
func certainHits(c Check) (hits float64) {
	for _, f := range c.Findings {
		if f.Count != nil && f.Count.Ambiguous == 0 {
			hits += f.Count.Client
		}
	}
	return hits
}

// onlyOf reports whether all metrics are an endpoint's, and no other one's.
func onlyOf(families []facts.Family, endpoint string, metrics []string) bool {
	theirs, others := map[string]bool{}, map[string]bool{}
	for _, f := range families {
		for _, name := range f.MetricNames() {
			if f.Endpoint == endpoint {
				theirs[name] = true
			} else {
				others[name] = true
			}
		}
	}
	return len(metrics) > 0 && !slices.ContainsFunc(metrics, func(m string) bool { return !theirs[m] || others[m] })
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

// suspendSeveral makes inconclusive what was drawn from counts of several processes that answer in
// turn. The checks are those of the list, with the delivery check before them.
func suspendSeveral(ctx context.Context, e facts.Evidence, checks []Check, list []Assertion) error {
	endpoints, err := Several(ctx, e)
	if err != nil || len(endpoints) == 0 {
		return err
	}
	w, _ := e.Window(facts.Scraped)
	if endpoints[facts.Target] == maybeInTurn && provenMerged(e.Families(w), checks, list) {
		delete(endpoints, facts.Target)
	}
	exposed := map[string]answering{}
	for _, f := range e.Families(w) {
		for _, name := range f.MetricNames() {
			exposed[name] = max(exposed[name], endpoints[f.Endpoint])
		}
	}
	rests := func(metrics []string) answering {
		how := byOne
		for _, m := range metrics {
			how = max(how, exposed[m])
		}
		return how
	}
	for n := range checks[1:] {
		checks[n+1].suspend(rests)
	}
	return nil
}

// suspend makes inconclusive what rests on metrics whose counts are of several processes, or may
// be.
func (c *Check) suspend(rests func(metrics []string) answering) {
	if !slices.Contains([]Verdict{Pass, Inconclusive, Fail, Untruthful}, c.Verdict) {
		return
	}
	soft := soften(c.Findings)
	switch how := rests(c.Metrics); {
	case how > maybeInTurn, how == maybeInTurn && c.Verdict > Inconclusive:
		c.Findings, c.Verdict, c.Reason = soft, Inconclusive, how.why()
		return
	case how == maybeInTurn:
		return
	}
	changed := false
	for n, f := range c.Findings {
		if f.Verdict == soft[n].Verdict || rests(f.Metrics) == byOne {
			soft[n] = f
		} else {
			soft[n].Text, changed = rests(f.Metrics).why(), true
		}
	}
	if changed {
		c.settle(soft)
	}
}
