package tables

import (
	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// CapacityProbes is the curve as a table: a row a probe, from the lowest rate.
func CapacityProbes(r reports.Report) Table {
	t := Table{Title: "Capacity: probes by rate", Spare: []int{7, 3}, Columns: []Column{{"", false}, {"rate", true}, {"done", true},
		{"errors", true}, {"p50", true}, {"p99", true}, {"max", true}, {"what failed", false}}}
	if r.Capacity == nil {
		return t
	}
	for _, p := range r.Capacity.ByRate() {
		m := Marks[standings[p.Standing]]
		what := ""
		for _, b := range p.Budgets {
			if b.Failed && what != "" {
				what += "; "
			}
			if b.Failed {
				what += b.Text()
			}
		}
		if what == "" && p.Standing != reports.RateHolds {
			what = fit.Line(p.Reason, 200)
		}
		t.Add(m.Paint, m.Sign, quantity.Count(p.Rate)+"/s", quantity.Count(p.Done)+"/s", quantity.Share(p.Errors), quantity.Seconds(p.Latency.P50),
			quantity.Seconds(p.Latency.P99), quantity.Seconds(p.Latency.Max), what)
	}
	return t
}

// standings are how a probe is marked.
var standings = map[string]assertions.Verdict{reports.RateHolds: assertions.Pass, reports.RateBreaks: assertions.Fail,
	reports.RateUndecided: assertions.Inconclusive, reports.RateUnclear: assertions.Inconclusive}
