package run

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/machine"
	"brrtload/internal/memtrace"
	"brrtload/internal/record"
	"brrtload/internal/relay"
	"brrtload/internal/rounds"
	"brrtload/internal/service"
	"brrtload/reports"
	"brrtload/scenarios"
)

// own is this process.
var own = os.Getpid()

// runner is one run under way.
type runner struct {
	Options
	plan   *scenarios.Plan // of this generator
	whole  *scenarios.Plan // of all shards together
	store  *evidence.Store
	ledger *load.Ledger
	client *record.Client
	loop   *rounds.Loop
	relay  *relay.Relay // nil when the service is scraped for the run
	target *service.Service
	intake *record.Intake
	tracer *memtrace.Tracer // nil when the scenario names no memory tool
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

// untilDeath returns a context that ends when the target does, too.
func (r *runner) untilDeath(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-r.target.Ended():
			r.client.End(time.Now())
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

// ended reports what kind of end an error from the phases was.
func (r *runner) ended(err error) {
	r.report.End, r.report.Cause = endOf(err), err.Error()
	if r.report.End == reports.TargetDied {
		r.marks.add(time.Now(), "the target ended")
	}
}
