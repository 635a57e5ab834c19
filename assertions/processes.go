package assertions

import (
	"context"
	"fmt"
	"slices"
)

// severalProcesses is why no count of an endpoint is exact.
const severalProcesses = "several processes answer here in turn, each with its own counts; scrape one process, or merge their counts"

// mayBeSeveral is the same where nothing shows which process answered.
const mayBeSeveral = "several processes may answer here in turn, each with its own counts, or the service restarted: it does not expose " + startTime

// perProcess are labels by which an exposition tells its processes apart.
var perProcess = []string{"pid", "process", "process_id", "worker", "worker_id"}

// several returns the endpoints that several processes answer in turn, or may: their start times went back, or several
// processes listen there and only one was ever seen.
func several(ctx context.Context, e Evidence) (map[string]bool, error) {
	w, ok := e.Window(Scraped)
	if !ok {
		return nil, nil
	}
	found := map[string]bool{}
	turns, err := every(ctx, e, w, "sum by (endpoint) (max_over_time(brrtload_scrape_turns_total[range()])) > 0")
	if err != nil {
		return nil, err
	}
	for endpoint := range turns {
		found[endpoint] = true
	}
	listening, known, err := single(ctx, e, w, query("max(max_over_time(brrtload_target_processes[range()]))"))
	if err != nil || !known || listening < 2 || apart(e, w) {
		return found, err
	}
	started, known, err := single(ctx, e, w, query(fmt.Sprintf("count(present_over_time(%s{endpoint=\"\"}[range()]))", startTime)))
	if known && started == 1 {
		found[targetEndpoint] = true
	}
	return found, err
}

// apart reports whether the target's exposition tells its processes apart by a label, as a merged one does.
func apart(e Evidence, w Window) bool {
	return slices.ContainsFunc(e.Families(w), func(f Family) bool {
		return f.Endpoint == targetEndpoint && slices.ContainsFunc(perProcess, func(label string) bool { return len(f.Labels[label]) > 0 })
	})
}

// suspendSeveral makes inconclusive what was drawn from counts of several processes that answer in turn. The checks are
// those of the list, with the delivery check before them.
func suspendSeveral(ctx context.Context, e Evidence, checks []Check) error {
	endpoints, err := several(ctx, e)
	if err != nil || len(endpoints) == 0 {
		return err
	}
	w, _ := e.Window(Scraped)
	exposed := map[string]bool{}
	for _, f := range e.Families(w) {
		if endpoints[f.Endpoint] {
			for _, name := range f.names() {
				exposed[name] = true
			}
		}
	}
	rests := func(metrics []string) bool {
		return slices.ContainsFunc(metrics, func(m string) bool { return exposed[m] })
	}
	for n := range checks[1:] {
		checks[n+1].suspend(rests)
	}
	return nil
}

// suspend makes inconclusive what rests on metrics whose counts are of several processes.
func (c *Check) suspend(rests func(metrics []string) bool) {
	if !slices.Contains([]Verdict{Pass, Inconclusive, Fail, Untruthful}, c.Verdict) {
		return
	}
	if rests(c.Metrics) {
		c.Findings, c.Verdict, c.Reason = soften(c.Findings), Inconclusive, severalProcesses
		return
	}
	accused := slices.Clone(c.Findings)
	for n, f := range accused {
		if f.Verdict != soften([]Finding{f})[0].Verdict && rests(f.Metrics) {
			accused[n].Verdict, accused[n].Text = Inconclusive, severalProcesses
		}
	}
	c.settle(accused)
}
