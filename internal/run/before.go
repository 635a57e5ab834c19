package run

import (
	"cmp"
	"context"
	"time"

	"brrtload/internal/facts"
	"brrtload/internal/load"
	"brrtload/internal/process"
	"brrtload/internal/result"
	"brrtload/internal/rounds"
	"brrtload/reports"
)

// rest measures the generator's floor and waits until the target is quiet.
func (r *runner) rest(ctx context.Context) error {
	ctx, cancel := r.untilStop(ctx)
	defer cancel()
	// the sooner the endpoints are looked at, the longer they are known to have rested; Rest tells
	// of errors
	_, _ = r.loop.Now(ctx, "")
	if err := r.openRelay(ctx); err != nil {
		return err
	}
	hits, err := load.For(r.Scenario, r.target.URL)
	if err != nil {
		return err
	}
	floor, err := load.Floor(ctx, cmp.Or(r.plan.Peak(), closedFloor), floorTime, hits)
	if err != nil {
		return err
	}
	r.report.Generator.Floor = result.Quantiles(floor)
	r.client.Floor = r.report.Generator.Floor.P99
	q, err := r.loop.Rest(ctx, restTime)
	switch {
	case err != nil:
		return err
	case q.Err != nil:
		return ends(reports.Unreachable, "the target's metrics cannot be read: %w", q.Err)
	}
	r.client.AtRest(q)
	if len(q.Others) > 0 {
		r.note("before the load these already moved: %s; an exact count of them allows for other traffic at a steady rate, or is inconclusive", moves(q.Others))
	}
	if len(q.Exempt) > 0 {
		r.note("each scrape moves these, so the run does not wait for them: %s", names(q.Exempt))
	}
	return r.beforeLoad(ctx)
}

// baseline takes the scrape at t0, from which everything is counted.
func (r *runner) baseline(ctx context.Context) error {
	ctx, cancel := r.untilStop(ctx)
	defer cancel()
	if err := r.traceEdge(ctx); err != nil {
		return err
	}
	round, err := r.must(ctx, rounds.Baseline, edgeTries)
	if err != nil {
		if ctx.Err() != nil {
			return context.Canceled
		}
		return ends(reports.Unreachable, "baseline scrape: %w", err)
	}
	r.client.Edge(0, round.At, true)
	if r.relay != nil {
		r.relay.Baseline = round.At
	}
	r.mark(facts.Run, round.At, time.Time{}) // until the final scrape, its end is not known
	if r.ownCPU, err = process.CPU(own); err != nil {
		r.note("the generator's CPU use is unknown: %v", err)
	}
	if used, err := r.target.Usage(); err == nil {
		r.targetCPU = used.CPU
	}
	return nil
}
