// Package run carries a scenario out, phase by phase.
//
// In go a scenario and what must hold; out come a run directory with the evidence and the report.
// It stands above everything that it brings together: process starts the target, load sends, scrape
// reads, evidence keeps, assertions judge, reports shows. series.go alone names the series that
// brrtload itself adds.
package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/load/dial"
	"brrtload/internal/machine"
	"brrtload/internal/scrape"
	"brrtload/internal/service"
	"brrtload/internal/shard"
	"brrtload/internal/suite"
	"brrtload/reports"
	"brrtload/scenarios"
)

// Options say what to run and where to keep it. All but Stop and Recorder must be given.
type Options struct {
	*suite.Suite
	Dir      string          // the run directory; it exists, with nothing but what was kept of the suite
	Bundled  string          // path of the bundled service's program
	Stop     <-chan struct{} // closed: send no more, drain, judge what was measured
	Progress *reports.Progress
	Recorder *load.Recorder // of every result, if not nil; the caller closes it
	Shard    *shard.Member  // which part of the load is sent; all of it when nil
}

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
	r.client = newClient(store, r.ledger, plan)
	if o.Scenario.Transport.Steps {
		r.client.steps = new(load.Steps)
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
	if err := r.phases(ctx); err != nil {
		r.ended(err)
	}
	if r.loop != nil {
		r.loop.Close()
	}
	r.client.stacks.close()
	if err := r.target.StopBy(ctx); err != nil {
		r.note("%v", err)
	}
	if swept := r.target.Swept(); swept != "" {
		r.note("%s", swept)
	}
	for _, note := range r.intake.close(store) {
		r.note("%s", note)
	}
	r.report.Traces = r.intake.slowest()
	err = r.conclude(ctx)
	return r.report, err
}

// runner is one run under way.
type runner struct {
	Options
	plan   *scenarios.Plan // of this generator
	whole  *scenarios.Plan // of all shards together
	store  *evidence.Store
	ledger *load.Ledger
	client *client
	loop   *scrape.Loop
	target *service.Service
	intake *intake
	marks  marks
	report reports.Report
	strain machine.Strain
	began  time.Time // of the run, and then of the load

	numbers *load.Numbers // of the hits of a shard
	startAt time.Time     // of a shard's load; as soon as can be, when zero
	sentAll time.Time     // when a shard's hits were done

	entries []fs.DirEntry // of the run directory when the run began

	ownCPU, targetCPU time.Duration // at t0
	enough            chan struct{} // closed when a budget has ended the load
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

// untilDeath returns a context that ends when the target does, too.
func (r *runner) untilDeath(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-r.target.Ended():
			r.client.end(time.Now())
			cancel(ends(reports.TargetDied, "the target ended"))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// say writes to the person who watches; a target's command line may hold a secret.
func (r *runner) say(format string, args ...any) {
	r.Progress.Say(r.Scenario.Redactor().Replace(fmt.Sprintf(format, args...)))
}

func (r *runner) note(format string, args ...any) {
	r.report.Notes = append(r.report.Notes, fmt.Sprintf(format, args...))
}

// start starts the target and prepares to scrape it.
func (r *runner) start(ctx context.Context) error {
	ctx, cancel := r.untilStop(ctx)
	defer cancel()
	r.report.Target = unstarted(r.Scenario.Target)
	var err error
	if r.intake, err = takeIn(r.Scenario, r.Assertions, r.whole, r.Dir); err != nil {
		return end{reports.Unreachable, err} // a log that cannot be read, an address that is taken
	}
	r.client.intake = r.intake
	if err := r.vacant(ctx); err != nil {
		return end{reports.Unreachable, err}
	}
	if r.target, err = startTarget(ctx, r.Scenario, r.Bundled, r.Dir, r.intake); err != nil {
		if context.Cause(ctx) != nil {
			return context.Canceled
		}
		return err
	}
	r.report.Target = reports.Target{Name: r.target.Name, URL: r.target.Shown()}
	r.client.watch = append(r.client.watch, watched{own, seriesOwnCPU, seriesOwnMemory})
	if r.target.Process != nil {
		r.whom()
		r.watchTarget()
	}
	r.say("target %s is ready at %s", r.target.Name, r.target.Shown())
	r.client.served.all = r.group()
	r.watchStacks()
	if few := tooFew(r.Scenario.Connections, dial.Descriptors()); few != "" {
		r.say("%s", few)
		r.note("%s", few)
	}
	hits, err := load.For(r.Scenario, r.target.URL)
	if err != nil {
		return err
	}
	r.loop, err = scrape.NewLoop(r.store, r.Dir, endpoints(r.Scenario, hits, r.intake.screen)...)
	if err != nil {
		return err
	}
	r.client.interval = r.Scenario.Scrape.Interval
	r.loop.Around(r.client.record, r.client.scraped)
	return nil
}

// watchTarget has the CPU and memory recorded of the process that serves. What a wrapper around it
// uses would say nothing of it.
func (r *runner) watchTarget() {
	pid, err := r.target.PID()
	if err != nil {
		r.note("the target's CPU and memory are not recorded, and what it reports of them is not compared: %v", err)
		return
	}
	r.report.Target.PID = pid
	r.client.served = r.identify(pid)
	r.client.watch = append(r.client.watch, watched{pid, seriesCPU, seriesResident})
}

// untilStop returns a context that ends when the run is asked to stop, too.
func (r *runner) untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-r.Stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// interrupted reports in the report that the run was asked to stop, if it was: that end comes
// before every other.
func (r *runner) interrupted() {
	select {
	case <-r.Stop:
		r.report.End = reports.Interrupted
	default:
	}
}

// conclude keeps the evidence, judges it, writes the reports, and completes the report itself. The
// evidence comes first: whatever happens to the judging, it can be done again.
func (r *runner) conclude(ctx context.Context) error {
	r.store.Mark(r.client.seen())
	saved := errors.Join(r.store.Save(), r.unbroken(), r.keepPart())
	if saved != nil {
		r.note("the evidence could not be saved: %v", saved)
		if r.report.End == reports.Completed { // it could not be judged again: no pass
			r.report.End, r.report.Cause = reports.Failed, "the evidence could not be saved: the run cannot be judged again"
		}
	}
	r.report.Settle(r.judge(ctx))
	r.draw(ctx)
	r.report.Seconds = time.Since(r.report.Started).Seconds()
	r.report.Windows = r.store.Windows()
	snapshot := r.ledger.Snapshot()
	fill(&r.report, snapshot, r.client.edges(), r.began)
	r.report.Steps = stepsOf(r.client.stepsTaken())
	r.noteStacks(unanswered(snapshot))
	due := r.client.due(time.Now(), snapshot.Sent)
	r.report.Generator.Dropped = due - min(due, snapshot.Sent) + snapshot.Unsent
	if r.Shard != nil {
		p := r.aboutPart()
		p.Clock = r.Shard.Clock()
		r.report.Shards = []reports.Shard{rowOf(p, r.report)}
	}
	if r.loop != nil {
		r.report.Scrapes = scrapes(r.loop.Stats())
		r.remark(r.loop.Stats())
	}
	r.report.Where = provenance(r.strain)
	r.report = redacted(r.report, r.Scenario.Redactor())
	r.report.Files = kept(r.Dir)
	files, written := reports.Write(r.Dir, r.report)
	r.report.Files = append(r.report.Files, files...)
	if err := errors.Join(saved, written); err != nil {
		return fmt.Errorf("the run directory is not whole, and the report above is all that is kept of what it lacks: %w", err)
	}
	return nil
}

// unbroken reports by its error that something was removed from the run directory while the run used
// it.
func (r *runner) unbroken() error {
	for _, entry := range r.entries {
		if _, err := os.Lstat(filepath.Join(r.Dir, entry.Name())); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s was removed from the run directory while the run was under way", entry.Name())
		}
	}
	return nil
}

// judge holds the assertions against the evidence. When ctx ended before, the user wants what there
// is to be judged; when it ends meanwhile, not even that.
func (r *runner) judge(ctx context.Context) assertions.Judgement {
	r.interrupted()
	if r.report.End == reports.Unreachable {
		return assertions.Judgement{Verdict: assertions.Error} // nothing was measured
	}
	if r.Shard != nil {
		return r.partOnly()
	}
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	judgement, err := r.Judge(ctx, r.store)
	r.interrupted()
	if still, failed := checks.Still(ctx, r.store); failed == nil && len(still) > 0 {
		r.note("%d families did not change in the whole run: %s", len(still), strings.Join(still, ", "))
	}
	if err != nil {
		r.note("the judging was cut; `brrtload verify %s` judges what was measured", r.Dir)
		return assertions.Judgement{Verdict: assertions.Inconclusive, Reason: err.Error()}
	}
	return judgement
}
