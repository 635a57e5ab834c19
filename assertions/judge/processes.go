package judge

import (
	"context"
	"slices"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// minShared is how many hits must be counted exactly to show that processes merge their counts.
const minShared = 20

// provenMerged reports whether the processes of the target merge their counts: several were used,
// and one scrape has counted all hits, no more and no fewer.
func provenMerged(families []facts.Family, checks []assertions.Check, list []assertions.Assertion) bool {
	for n, a := range list {
		sides := a.About().Sides
		if sides == nil || !sides.Client || checks[n+1].Verdict != assertions.Pass ||
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
func certainHits(c assertions.Check) (hits float64) {
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

// suspendSeveral makes inconclusive what was drawn from counts of several processes that answer in
// turn. The checks are those of the list, with the delivery check before them.
func suspendSeveral(ctx context.Context, e facts.Evidence, checks []assertions.Check, list []assertions.Assertion) error {
	endpoints, err := assertions.Several(ctx, e)
	if err != nil || len(endpoints) == 0 {
		return err
	}
	w, _ := e.Window(facts.Scraped)
	if endpoints[facts.Target] == assertions.MaybeInTurn && provenMerged(e.Families(w), checks, list) {
		delete(endpoints, facts.Target)
	}
	exposed := map[string]assertions.Answering{}
	for _, f := range e.Families(w) {
		for _, name := range f.MetricNames() {
			exposed[name] = max(exposed[name], endpoints[f.Endpoint])
		}
	}
	rests := func(metrics []string) assertions.Answering {
		how := assertions.ByOne
		for _, m := range metrics {
			how = max(how, exposed[m])
		}
		return how
	}
	for n := range checks[1:] {
		suspend(&checks[n+1], rests)
	}
	return nil
}

// suspend makes inconclusive what rests on metrics whose counts are of several processes, or may
// be.
func suspend(c *assertions.Check, rests func(metrics []string) assertions.Answering) {
	if !slices.Contains([]assertions.Verdict{assertions.Pass, assertions.Inconclusive, assertions.Fail, assertions.Untruthful}, c.Verdict) {
		return
	}
	soft := soften(c.Findings)
	switch how := rests(c.Metrics); {
	case how > assertions.MaybeInTurn, how == assertions.MaybeInTurn && c.Verdict > assertions.Inconclusive:
		c.Findings, c.Verdict, c.Reason = soft, assertions.Inconclusive, how.Why()
		return
	case how == assertions.MaybeInTurn:
		return
	}
	changed := false
	for n, f := range c.Findings {
		if f.Verdict == soft[n].Verdict || rests(f.Metrics) == assertions.ByOne {
			soft[n] = f
		} else {
			soft[n].Text, changed = rests(f.Metrics).Why(), true
		}
	}
	if changed {
		c.Settle(soft)
	}
}
