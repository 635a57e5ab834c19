package checks

import (
	"context"
	"fmt"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// onlyUp holds counters to only going up while the process lives. After a restart they begin at 0
// again, and that is no lie.
func (x *Exposition) onlyUp(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	var findings []assertions.Finding
	counted := 0
	for _, name := range cumulatives(e, w) {
		if x.excepts(name) {
			continue
		}
		counted++
		down, err := doubts.Decreased(ctx, e, w, promql.Must(promql.SelectorOf(name)))
		if err != nil {
			return nil, err
		}
		findings = append(findings, doubts.FindingsOf(down)...)
	}
	if counted == 0 {
		return []assertions.Finding{noCounters}, nil
	}
	if len(findings) > 0 {
		return findings, nil
	}
	several, err := assertions.Several(ctx, e)
	if err != nil {
		return nil, err
	}
	// The counters of one process say nothing of the others', and which one answers is chance.
	inTurn := func(f facts.Family) bool { return several[f.Endpoint] == assertions.InTurn }
	if slices.ContainsFunc(e.Families(w), inTurn) {
		return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: assertions.SeveralProcesses}}, nil
	}
	return []assertions.Finding{{Text: fmt.Sprintf("none of %s went down",
		assertions.Counting(counted, "counter"))}}, nil
}

// noCounters is the finding about counters where there is none to look at.
var noCounters = assertions.Finding{Verdict: assertions.NotApplicable, Text: "there are no counters"}

// cumulatives lists the metrics that only ever go up, sorted: counters, and what histograms and
// summaries have counted.
func cumulatives(e facts.Evidence, w facts.Window) []string {
	var names []string
	for _, f := range e.Families(w) {
		switch {
		case f.Type == "counter":
			names = append(names, f.Name)
		case (f.Type == "histogram" || f.Type == "summary") && !facts.OfNow(f.Name):
			names = append(names, f.Name+"_count")
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
