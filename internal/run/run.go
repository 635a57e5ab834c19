// Package run carries a scenario out, phase by phase.
//
// In go a scenario and what must hold; out come a run directory with the evidence and the report.
// It stands above everything that it brings together: process starts the target, load sends, scrape
// reads, record writes down what brrtload itself knows, evidence keeps, assertions judge, reports
// shows.
package run

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/machine"
	"brrtload/internal/memtrace"
	"brrtload/internal/record"
	"brrtload/reports"
)

// Run carries the scenario out. It returns a report however the run ended: Report.End says how far
// it got. The report is written to the run directory as well. An error means that the run could not
// begin (then there is no report), or that its result could not be kept. When ctx ends everything
// under way is cut, and what was measured is judged; when it ends during that, the judging is cut,
// too.
func Run(ctx context.Context, o Options) (reports.Report, error) {
	plan, err := o.Scenario.Plan(o.Scenario.Seed)
	if err != nil {
		return reports.Report{}, err
	}
	whole := plan
	if o.Shard != nil {
		if plan, err = joined(ctx, &o, whole); err != nil {
			return reports.Report{}, err
		}
		defer o.Shard.Close() //nolint:errcheck // the others have been heard, or are missing
	}
	entries, err := os.ReadDir(o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return reports.Report{}, err
	}
	store, err := evidence.Create(o.Dir)
	if err != nil {
		return reports.Report{}, err
	}
	defer store.Close() //nolint:errcheck // it was saved, or the error of saving is returned
	r := &runner{Options: o, plan: plan, whole: whole, store: store, entries: entries, enough: make(chan struct{}),
		strain: machine.Now(), began: time.Now(),
		ledger: load.NewLedger(plan, o.Scenario.Secrets()...)}
	if r.tracer, err = memtrace.New(o.Scenario, o.Dir); err != nil {
		return reports.Report{}, err
	}
	r.client = record.New(store, r.ledger, plan)
	if o.Scenario.Transport.Steps {
		r.client.Steps = new(load.Steps)
	}
	r.report = reports.Report{
		Version: reports.Version, Command: "run", Scenario: o.Scenario.Name, Seed: o.Scenario.Seed, Started: r.began, Directory: o.Dir,
		End: reports.Completed,
	}
	if o.Shard != nil {
		if err := r.beginPart(); err != nil {
			return reports.Report{}, err
		}
	} else if !o.Scenario.Scraped() {
		r.note("metrics: none; nothing was scraped, and only what the client saw was judged")
	}
	for _, warning := range o.Scenario.Warnings() {
		r.note("%v", warning)
	}
	r.beginRemote()
	if err := r.phases(ctx); err != nil {
		r.ended(err)
	}
	if r.loop != nil {
		r.loop.Close()
	}
	r.client.Stacks.Close()
	if err := r.target.StopBy(ctx); err != nil {
		r.note("%v", err)
		r.tracer.Lose(err)
	}
	if swept := r.target.Swept(); swept != "" {
		r.note("%s", swept)
	}
	for _, note := range r.intake.Close(store) {
		r.note("%s", note)
	}
	r.report.Traces = r.intake.Slowest()
	r.readTrace()
	err = r.conclude(ctx)
	return r.report, err
}

// phases is the run from start to idle. It stops early when interrupted or when the target ends; an
// error says what ended it.
func (r *runner) phases(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	ctx, cancel := r.untilDeath(ctx)
	defer cancel()
	for _, phase := range []struct {
		carryOut func(context.Context) error
		when     string
	}{
		{r.rest, "before it was loaded"}, {r.meet, "before it was loaded"}, {r.baseline, "before it was loaded"},
		{r.load, "while it was under load"}, {r.part, "after the load"}, {r.final, "after the load"}, {r.idle, "after the load"},
	} {
		err := phase.carryOut(ctx)
		if err != nil && endOf(context.Cause(ctx)) == reports.TargetDied {
			return ends(reports.TargetDied, "target %s %s %s%s", r.target.Brief(), r.target.Died(), phase.when,
				r.target.Tail())
		}
		if err != nil {
			return err
		}
	}
	return nil
}
