package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/load"
	"brrtload/internal/pace"
	"brrtload/internal/process"
	"brrtload/internal/quantity"
	"brrtload/internal/scrape"
	"brrtload/internal/signals"
	"brrtload/reports"
	"brrtload/scenarios"
)

// closedFloor is the rate, in hits per second, at which the floor of a closed loop is measured: it
// has none of its own.
const closedFloor pace.Rate = 1000

// How long the phases around the load may take.
const (
	floorTime = 500 * time.Millisecond // of the null-transport run
	restTime  = 10 * time.Second       // to come to rest before the baseline
	quietTime = 10 * time.Second       // to come to rest after the load, besides what the endpoints lag
	maxLag    = 20 * time.Second       // the longest lag of an endpoint that is waited for
	idleTime  = 500 * time.Millisecond // between the final and the idle scrape
	// how much later than its stage's end an edge scrape may be sent and still be an edge
	lateEdge = time.Second
	tryAgain = 300 * time.Millisecond // after which a scrape that the run cannot do without is taken again
)

// edgeTries is how often such a scrape is tried.
const edgeTries = 3

// own is this process.
var own = os.Getpid()

// rest measures the generator's floor and waits until the target is quiet.
func (r *runner) rest(ctx context.Context) error {
	ctx, cancel := r.untilStop(ctx)
	defer cancel()
	// the sooner the endpoints are looked at, the longer they are known to have rested; Rest tells
	// of errors
	_, _ = r.loop.Now(ctx, "")
	hits, err := load.For(r.Scenario, r.target.URL)
	if err != nil {
		return err
	}
	floor, err := load.Floor(ctx, cmp.Or(r.plan.Peak(), closedFloor), floorTime, hits)
	if err != nil {
		return err
	}
	r.report.Generator.Floor = quantiles(floor)
	r.client.floor = r.report.Generator.Floor.P99
	q, err := r.loop.Rest(ctx, restTime)
	switch {
	case err != nil:
		return err
	case q.Err != nil:
		return ends(reports.Unreachable, "the target's metrics cannot be read: %w", q.Err)
	}
	r.client.atRest(q)
	if len(q.Others) > 0 {
		r.note("before the load these already moved: %s; an exact count of them allows for other traffic at a steady rate, or is inconclusive", moves(q.Others))
	}
	if len(q.Exempt) > 0 {
		r.note("each scrape moves these, so the run does not wait for them: %s", names(q.Exempt))
	}
	return nil
}

// must takes a scrape that the run cannot do without. One that fails is taken again, up to so many
// tries, for nothing is lost by that while the target is at rest.
func (r *runner) must(ctx context.Context, name string, tries int) (scrape.Round, error) {
	for try := 1; ; try++ {
		round, err := r.loop.Now(ctx, name)
		r.kept(round)
		if err == nil || try == tries || ctx.Err() != nil {
			return round, err
		}
		r.note("the %s scrape was taken again: %v", name, err)
		select {
		case <-time.After(tryAgain):
		case <-ctx.Done():
		}
	}
}

// kept notes a raw scrape that could not be kept.
func (r *runner) kept(round scrape.Round) {
	if round.Unkept != nil {
		r.note("%v", round.Unkept)
	}
}

// baseline takes the scrape at t0, from which everything is counted.
func (r *runner) baseline(ctx context.Context) error {
	ctx, cancel := r.untilStop(ctx)
	defer cancel()
	round, err := r.must(ctx, scrape.BaselineScrape, edgeTries)
	if err != nil {
		if ctx.Err() != nil {
			return context.Canceled
		}
		return ends(reports.Unreachable, "baseline scrape: %w", err)
	}
	r.client.edge(0, round.At, true)
	r.mark(facts.Run, round.At, time.Time{}) // until the final scrape, its end is not known
	if r.ownCPU, err = process.CPU(own); err != nil {
		r.note("the generator's CPU use is unknown: %v", err)
	}
	if used, err := r.target.Usage(); err == nil {
		r.targetCPU = used.CPU
	}
	return nil
}

// load sends the plan while it scrapes, and waits until all hits are done. A target that ends
// meanwhile cuts it short.
func (r *runner) load(ctx context.Context) error {
	r.loop.Start(ctx, r.Scenario.Scrape.Interval)
	err := r.send(ctx)
	r.loop.Stop()
	r.markStages()
	if unrecorded := r.client.settle(r.loop.Stamp()); unrecorded != nil {
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
	options.Steps, options.Recorder = r.client.steps, r.Recorder
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
		r.client.end(time.Now())
		close(stop)
	}()
	select {
	case r.began = <-began:
		r.client.begin(r.began)
	case err := <-done:
		return r.loadError(err)
	}
	var watching sync.WaitGroup
	watching.Go(func() { r.watchProgress(ctx) })
	watching.Go(func() { r.watchBudgets(ctx) })
	watching.Go(func() { r.reload(ctx) })
	watching.Go(func() { r.watchAnswerers(ctx) })
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
	r.client.leave(i)
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
	r.client.edge(i+1, round.At, err == nil)
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

// final waits until the target is quiet and takes the scrape at t1, up to which everything is
// counted.
func (r *runner) final(ctx context.Context) error {
	lag := r.client.behind()
	if lag > maxLag {
		r.note("the endpoints lag by %s; the run waits for no more than %s", lag.Round(time.Millisecond), maxLag)
		lag = maxLag
	}
	apart := lag + lag/2
	if apart > time.Second {
		r.note("counters stood still for up to %s while hits were answered; the final scrape comes when they have stood still for %s",
			lag.Round(time.Millisecond), apart.Round(time.Millisecond))
	}
	if r.client.stoodStill() {
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
	r.client.afterLoad(q)
	if err := r.intake.rest(ctx); err != nil {
		return err
	}
	tries := edgeTries
	if q.Err != nil { // it was given its time to come back
		tries = 1
	}
	r.client.stacks.now(true)
	round, err := r.must(ctx, "final", tries)
	if err != nil && !unreadable(round) {
		return cmp.Or(context.Cause(ctx), ends(reports.MetricsLost,
			"after the load the target's metrics could not be read any longer: %w", err))
	}
	r.count()
	stages := r.client.edges()
	if err != nil {
		r.store.Mark(facts.Window{Name: facts.Run, Start: stages[0].start,
			Missing: fmt.Sprintf("the final scrape failed: %v", err)})
		return nil
	}
	r.mark("drain", stages[len(stages)-1].end, round.At)
	if len(q.Others) > 0 {
		r.note("after the load these still moved: %s; exact counts of them are inconclusive", moves(q.Others))
	}
	r.mark(facts.Run, stages[0].start, round.At)
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
func unreadable(round scrape.Round) bool {
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

// markStages names the stages and phases that were begun. A stretch whose edge scrape failed has no
// edge: what rests on it is inconclusive.
func (r *runner) markStages() {
	phases := map[scenarios.Phase]facts.Window{}
	for _, s := range r.client.edges() {
		if s.start.IsZero() {
			break
		}
		r.mark(s.Name, s.window().Start, s.window().End)
		phase, begun := phases[s.Phase]
		if !begun {
			phase.Start = s.window().Start
		}
		phase.End = s.window().End
		phases[s.Phase] = phase
	}
	for name, w := range phases {
		r.mark(string(name), w.Start, w.End)
	}
}

func (r *runner) mark(name string, start, end time.Time) {
	r.store.Mark(facts.Window{Name: name, Start: start, End: end})
}

// count puts what the processes used since t0 into the report.
func (r *runner) count() {
	sent := float64(r.ledger.Counts().Sent)
	if sent == 0 {
		return
	}
	if cpu, err := process.CPU(own); err == nil {
		r.report.Generator.CPUSeconds = (cpu - r.ownCPU).Seconds()
		r.report.Generator.CPUPerHit = r.report.Generator.CPUSeconds / sent
	}
	if used, err := r.target.Usage(); err == nil {
		r.report.Target.CPUSeconds = (used.CPU - r.targetCPU).Seconds()
		r.report.Target.CPUPerHit = r.report.Target.CPUSeconds / sent
		r.report.Target.ResidentPeak = float64(used.ResidentPeak)
	}
}

// endpoints are the places to scrape: the target's own, and the further ones of the scenario. Those
// at the target are asked the way the hits go, unless the scenario says how.
func endpoints(s *scenarios.Scenario, hits load.Options, screen *signals.Screen) []scrape.Target {
	way := hits.Way()
	endpoint := func(name, url string, client scenarios.Client) scrape.Target {
		t := scrape.Target{Name: name, URL: url, HTTP: client.Settings()}
		if strings.HasPrefix(url, "/") {
			t.URL = hits.BaseURL + url
		}
		if !client.Given() && sameOrigin(t.URL, hits.BaseURL) {
			t.Way = way
		}
		return t
	}
	var list []scrape.Target
	if s.Target.Metrics.Value != scenarios.NoMetrics {
		list = append(list, endpoint("target", cmp.Or(s.Target.Metrics.Value, "/metrics"), s.Scrape.HTTP))
	}
	for _, e := range s.Scrape.Endpoints {
		t := endpoint(e.Name.Value, e.URL.Value, e.HTTP)
		t.Labels = labels.FromStrings("endpoint", e.Name.Value)
		list = append(list, t)
	}
	for i, t := range list {
		list[i].Screen = func(body []byte, contentType string) { screen.Exposition(t.Name, body, contentType) }
	}
	return list
}

// sameOrigin reports whether two URLs have the same scheme, host and port.
func sameOrigin(a, b string) bool {
	one, err := url.Parse(a)
	other, failed := url.Parse(b)
	return err == nil && failed == nil && one.Scheme == other.Scheme && one.Host == other.Host
}

// maxMoves is how many counters a note names.
const maxMoves = 5

// moves writes a few movements as a list. The parts of histograms and summaries but their counts
// are left out.
func moves(of []scrape.Movement) string {
	of = slices.DeleteFunc(slices.Clone(of), func(m scrape.Movement) bool {
		name := m.Series.Get(model.MetricNameLabel)
		return strings.HasSuffix(name, "_bucket") || strings.HasSuffix(name, "_sum")
	})
	var list []string
	for _, m := range of[:min(len(of), maxMoves)] {
		list = append(list, fmt.Sprintf("%s by %s/s", diag.Printable(m.Name()), quantity.Count(m.Rate)))
	}
	if more := len(of) - maxMoves; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return names(list)
}

// names writes a few names as a list.
func names(of []string) string { return strings.Join(of, ", ") }
