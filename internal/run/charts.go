package run

import (
	"context"
	"time"

	"brrtload/internal/charts"
	"brrtload/scenarios"
)

// chartsTime bounds the making of charts: a report without them is still a report.
const chartsTime = 20 * time.Second

// draw adds the charts to the report.
func (r *runner) draw(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), chartsTime)
	defer cancel()
	in := charts.Input{Store: r.store, Assertions: r.Assertions, Checks: r.report.Checks, Began: r.began,
		Finest: 2 * max(r.Scenario.Scrape.Interval, timedEvery(r.plan))}
	for _, s := range r.client.edges() {
		in.Stages = append(in.Stages, charts.Stage{Name: s.Name, Start: s.start, End: s.end,
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
