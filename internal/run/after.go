package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"brrtload/internal/facts"
	"brrtload/internal/rounds"
	"brrtload/internal/scrape"
	"brrtload/reports"
)

// final waits until the target is quiet and takes the scrape at t1, up to which everything is
// counted.
func (r *runner) final(ctx context.Context) error {
	lag := r.client.Behind()
	if lag > maxLag {
		r.note("the endpoints lag by %s; the run waits for no more than %s", lag.Round(time.Millisecond), maxLag)
		lag = maxLag
	}
	apart := lag + lag/2
	if apart > time.Second {
		r.note("counters stood still for up to %s while hits were answered; the final scrape comes when they have stood still for %s",
			lag.Round(time.Millisecond), apart.Round(time.Millisecond))
	}
	if r.client.StoodStill() {
		moved, err := r.awaitMove(ctx)
		if err != nil {
			return err
		}
		if moved { // what it shows now was gathered after the last hit
			apart = 0
		}
	}
	q, err := r.loop.Quiet(ctx, quietTime+apart, apart)
	if err != nil {
		return err
	}
	r.client.AfterLoad(q)
	if err := r.intake.Rest(ctx); err != nil {
		return err
	}
	if err := r.afterLoad(ctx); err != nil {
		return err
	}
	tries := edgeTries
	if q.Err != nil { // it was given its time to come back
		tries = 1
	}
	r.traceAfter(ctx)
	r.client.Stacks.Now(true)
	round, err := r.must(ctx, "final", tries)
	if err != nil && !unreadable(round) {
		return cmp.Or(context.Cause(ctx), ends(reports.MetricsLost,
			"after the load the target's metrics could not be read any longer: %w", err))
	}
	r.count()
	stages := r.client.Edges()
	if err != nil {
		r.store.Mark(facts.Window{Name: facts.Run, Start: stages[0].Start,
			Missing: fmt.Sprintf("the final scrape failed: %v", err)})
		return nil
	}
	r.mark("drain", stages[len(stages)-1].End, round.At)
	if len(q.Others) > 0 {
		r.note("after the load these still moved: %s; exact counts of them are inconclusive", moves(q.Others))
	}
	r.mark(facts.Run, stages[0].Start, round.At)
	return nil
}

// awaitMove scrapes until a counter moves, for a while: the exposition stayed the same through all
// of the load, so how far it lags is not known.
func (r *runner) awaitMove(ctx context.Context) (bool, error) {
	start := time.Now()
	for time.Since(start) < quietTime {
		round, _ := r.loop.Now(ctx, "") // an error is a matter for the final scrape
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if slices.ContainsFunc(round.Readings, func(r scrape.Reading) bool { return r.Moved }) {
			r.note("the exposition stayed the same through all of the load, and was rebuilt %s later",
				time.Since(start).Round(time.Millisecond))
			return true, nil
		}
		select {
		case <-time.After(tryAgain):
		case <-ctx.Done():
		}
	}
	return false, nil
}

// unreadable reports of a round that failed whether its endpoints are there all the same, and
// answer with something else than an exposition. Then the target is not lost: its telemetry is not
// true.
func unreadable(round rounds.Round) bool {
	return len(round.Readings) > 0 && !slices.ContainsFunc(round.Readings, func(r scrape.Reading) bool { return r.Err != nil && !r.Answered })
}

// idle takes the scrape that shows whether anything moves without requests.
func (r *runner) idle(ctx context.Context) error {
	final, drained := r.store.Window("drain")
	if !drained {
		return nil
	}
	select {
	case <-time.After(idleTime):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if !r.idleRelay(ctx) {
		return context.Cause(ctx)
	}
	round, err := r.must(ctx, facts.Idle, edgeTries)
	switch {
	case err != nil && !unreadable(round):
		return cmp.Or(context.Cause(ctx), ends(reports.MetricsLost, "idle scrape: %w", err))
	case err != nil:
		r.note("the idle scrape could not be read: %v", err)
		return nil
	}
	r.mark(facts.Idle, final.End, round.At)
	return nil
}
