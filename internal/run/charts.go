package run

import (
	"context"
	"maps"
	"slices"

	"brrtload/internal/charts"
	"brrtload/internal/record"
	"brrtload/internal/result"
	"brrtload/reports"
	"brrtload/scenarios"
)

// draw adds the charts to the report.
func (r *runner) draw(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), result.ChartsTime)
	defer cancel()
	in := charts.Input{Store: r.store, Assertions: r.Assertions, Checks: r.report.Checks, Began: r.began,
		Finest: 2 * max(r.Scenario.Scrape.Interval, record.TimedEvery(r.plan))}
	for _, s := range r.client.Edges() {
		in.Stages = append(in.Stages, charts.Stage{Name: s.Name, Start: s.Start, End: s.End,
			WarmUp: s.Phase == scenarios.WarmUp})
	}
	in.Marks = r.happened()
	timeline, err := charts.Timeline(ctx, in)
	if err != nil {
		r.note("the report lacks some charts: %v", err)
	}
	r.report.Timeline = timeline
	r.report.Exhibits = charts.Exhibits(r.Dir, r.report.Checks)
	r.report.Log = charts.Logged(r.Dir, r.began, r.report.Checks)
}

// happened returns the events that charts show: faults of the bundled service, what the run did,
// and what befell its scrapes.
func (r *runner) happened() []reports.Mark {
	if b := r.Scenario.Target.Bundled; b != nil {
		for _, fault := range slices.Sorted(maps.Keys(b.Faults)) {
			r.marks.add(r.began, "fault %s", setting(fault, b.Faults[fault]))
		}
	}
	if r.loop != nil { // a target that was never ready is not scraped
		for _, e := range r.loop.Moments() {
			r.marks.add(e.At, "scrape of %s %s", e.Endpoint, e.What)
		}
	}
	if stages := r.plan.Stages(); r.report.End == reports.Completed && len(stages) > 0 {
		r.marks.add(r.began.Add(stages[len(stages)-1].End), "the plan ends")
	}
	return r.marks.since(r.began)
}
