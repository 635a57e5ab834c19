package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/memtrace"
	"brrtload/reports"
)

// load sends the plan while it scrapes, and waits until all hits are done. A target that ends
// meanwhile cuts it short.
func (r *runner) load(ctx context.Context) error {
	r.loop.Start(ctx, r.Scenario.Scrape.Interval)
	err := r.send(ctx)
	r.loop.Stop()
	r.markStages()
	if unrecorded := r.client.Settle(r.loop.Stamp()); unrecorded != nil {
		r.note("not all that the client counted could be recorded: %v", unrecorded)
		return errors.Join(err, unrecorded)
	}
	return err
}

// send sends the plan and takes the edge scrapes while it does.
func (r *runner) send(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer small()()
	options, err := load.For(r.Scenario, r.target.URL)
	if err != nil {
		return err
	}
	began, done := make(chan time.Time, 1), make(chan error, 1)
	stop := make(chan struct{})
	options.Steps, options.Recorder = r.client.Steps, r.Recorder
	options.Start = r.startAt
	options.Stop, options.Began = stop, func(t time.Time) { began <- t }
	go func() { done <- load.Run(ctx, r.plan, r.ledger, options) }()
	go func() {
		select {
		case <-r.Stop:
			r.marks.add(time.Now(), "interrupted")
		case <-r.enough:
		case <-ctx.Done():
			return
		}
		r.client.End(time.Now())
		close(stop)
	}()
	select {
	case r.began = <-began:
		r.client.Begin(r.began)
	case err := <-done:
		return r.loadError(err)
	}
	var watching sync.WaitGroup
	watching.Go(func() { r.watchProgress(ctx) })
	watching.Go(func() { r.watchBudgets(ctx) })
	watching.Go(func() { r.reload(ctx) })
	watching.Go(func() { r.watchAnswerers(ctx) })
	watching.Go(func() { r.tracer.Watch(ctx, memtrace.Every(r.plan.Length())) })
	defer watching.Wait()
	defer cancel()
	for i, s := range r.plan.Stages() {
		due := r.began.Add(s.End)
		select {
		case <-time.After(time.Until(due)):
			r.endStage(ctx, i, due)
			continue
		case err := <-done: // the plan was cut short
			r.endStage(ctx, i, time.Now())
			return r.loadError(err)
		}
	}
	return r.loadError(<-done)
}

// garbage is how much may lie about while the load is sent, in percent of what is in use: half of
// Go's usual share. With 4,533 series read every second it makes a run about a sixth smaller, and
// costs about a twentieth of its CPU time.
const garbage = 50

// small keeps the process small until what it gives is called, unless the environment says how much
// garbage there may be.
func small() (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	usual := debug.SetGCPercent(garbage)
	return func() { debug.SetGCPercent(usual) }
}

// endStage takes the scrape at the end of stage i, which is due then, and where stage i+1 begins.
func (r *runner) endStage(ctx context.Context, i int, due time.Time) {
	r.client.Leave(i)
	name := r.plan.Stages()[i].Name
	round, err := r.loop.Now(ctx, "end of "+name)
	r.kept(round)
	r.lookWhoAnswers()
	switch late := round.At.Sub(due); {
	case err != nil && ctx.Err() != nil: // there is no scrape to be had, but the client's own counts have an edge
		round.At = r.loop.Stamp()
	case err != nil:
		r.note("the scrape at the end of %s failed, and what begins or ends there is inconclusive: %v", name, err)
	case late > lateEdge:
		err = fmt.Errorf("the scrape at the end of %s was sent %s late, for the one before was still under way: what begins or ends there is inconclusive",
			name, late.Round(time.Millisecond))
		r.note("%v", err)
	}
	r.client.Edge(i+1, round.At, err == nil)
}

// loadError reports what an end of the load means for the run.
func (r *runner) loadError(err error) error {
	switch {
	case err == nil, endOf(err) == reports.TargetDied, errors.Is(err, context.Canceled):
		return err
	default:
		return ends(reports.Unreachable, "load: %w", err)
	}
}
