package run

import (
	"errors"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/process"
	"brrtload/scenarios"
)

// The series that brrtload adds to what it scrapes. They are named here and nowhere else.
//
// A hit belongs to the stage, and so to the phase, that it was due in, whenever it is done. A
// stage's series start from 0 at the stage's start edge, and their last sample, stamped at its end
// edge, counts all its hits, those too that were done only while draining: a budget over the steady
// phase must not lose the slowest.
const (
	// request, credential, status, outcome, kind (of trouble), traced, phase, stage
	seriesHits = "brrtload_hits_total"
	// request, phase, stage: not answered, or not with a status that the scenario wants
	seriesUnexpected = "brrtload_unexpected_total"
	// request, status, phase, stage: 502, 503 and 504 that the scenario does not want
	seriesGateway = "brrtload_gateway_answers_total"
	seriesLatency = "brrtload_latency_seconds" // request, phase, stage: done − due; native histogram
	// request, method, phase, stage: done − sent; native histogram
	seriesService = "brrtload_service_seconds"
	seriesBodyIn  = "brrtload_response_bytes_total" // request, outcome, phase, stage: bodies received
	seriesBodyOut = "brrtload_request_bytes_total"  // request, phase, stage: bodies sent
	// how late the generator was, the warm-up left out; native histogram
	seriesLag = "brrtload_lag_seconds"
	// sent − due of hits that came due while every connection was busy; native histogram
	seriesWaiting = "brrtload_waiting_seconds"
	// step: dns, connect, tls, first byte, transfer; only with transport.steps; native histogram
	seriesStep     = "brrtload_step_seconds"
	seriesLagFloor = "brrtload_lag_floor_p99_seconds" // the pacer's lag with a null transport
	seriesPlanned  = "brrtload_planned_total"         // hits that the plan has
	seriesSent     = "brrtload_sent_total"            // hits sent so far
	seriesDropped  = "brrtload_dropped"               // hits that were due and never sent; once the load is over
	// kind (descriptors, ports, memory, resolver): of those sent, hits that the generator could not
	// send after all
	seriesUnsent   = "brrtload_unsent_total"
	seriesInFlight = "brrtload_in_flight" // sent and not yet done
	// SIGHUPs sent to the target; there only when a stage asks for them
	seriesReloads = "brrtload_reloads_total"
	seriesCPU     = "brrtload_target_cpu_seconds_total" // the target process's CPU clock
	// event, level, and the labels that assertions and the scenario want
	seriesLogEvents = "brrtload_log_events_total"
	seriesLogLines  = "brrtload_log_lines_total"          // from: start, or middle
	seriesLogOdd    = "brrtload_log_lines_odd_total"      // lines that fit no format
	seriesLogLost   = "brrtload_log_events_dropped_total" // reason: lines, or gaps, that could not be counted
	// name, kind, span_status, joined (to a hit), and the labels that assertions want
	seriesSpans = "brrtload_spans_total"
	// reason: spans, or bodies of them, that could not be counted
	seriesSpansLost = "brrtload_spans_dropped_total"
	seriesSecrets   = "brrtload_secrets_sought" // secrets that were looked for
	seriesResident  = "brrtload_target_resident_memory_bytes"
	// of the process whose CPU and memory are recorded
	seriesStarted = "brrtload_target_start_time_seconds"
	// 1 when it listens at the port of the metrics, too
	seriesExposes = "brrtload_target_exposes"
	// pid: of others that the command started and that listen somewhere
	seriesPeer = "brrtload_target_peer_start_time_seconds"
	// 1 when neither the command nor a process that it started listens at the target's address
	seriesForeign     = "brrtload_target_foreign"
	seriesBusy        = "brrtload_machine_cpu_seconds_total"          // of all CPUs, spent on anything
	seriesPressure    = "brrtload_machine_cpu_pressure_seconds_total" // in which some task waited for a CPU
	seriesMachineCPUs = "brrtload_machine_cpus"
	// CPU clocks of all processes of the target that are known
	seriesAllOfTarget = "brrtload_target_group_cpu_seconds_total"
	seriesOwnCPU      = "brrtload_generator_cpu_seconds_total"
	seriesOwnCPUs     = "brrtload_generator_cpus" // how many it may use at once: GOMAXPROCS
	seriesOwnMemory   = "brrtload_generator_resident_memory_bytes"

	seriesScrapes = "brrtload_scrapes_total" // endpoint
	// endpoint, answered (yes: with something that is no exposition; no), why
	seriesLost  = "brrtload_scrapes_failed_total"
	seriesFlaws = "brrtload_scrape_flaws_total" // endpoint, flaw: scrapes that were read in spite of it
	// endpoint: scrapes that another process answered than the one before
	seriesTurns = "brrtload_scrape_turns_total"
	// connected (yes, no): that may answer the target's scrapes, where it is known
	seriesProcesses = "brrtload_target_processes"
	// job (the endpoint), instance: 1 when the last scrape was read, 0 when not
	seriesUp   = "up"
	seriesTook = "brrtload_scrape_seconds" // endpoint: how long the last one that was read took
	// endpoint: for how long it has said the same while hits were answered, 0 when it has not
	seriesUnchanged = "brrtload_scrape_unchanged_seconds"
	seriesInterval  = "brrtload_scrape_interval_seconds" // of periodic scrapes
	seriesAmid      = "brrtload_scrapes_amid_hits_total" // scrapes through all of which some hit was in flight
	// hits in flight through all of the last scrape, at least
	seriesHitsThrough = "brrtload_in_flight_throughout_scrape"

	seriesShards = "brrtload_shards" // of a merged run: how many generators sent its load
	// shard: how far its clock was ahead of that of shard 0; absent where that is not known
	seriesClockOffset = "brrtload_shard_clock_offset_seconds"
)

// What a merged run makes of the series of its shards. All others are those of shard 0.
var (
	// summedSeries are the sum of all shards'.
	summedSeries = []string{seriesHits, seriesUnexpected, seriesGateway, seriesLatency, seriesService, seriesBodyIn,
		seriesBodyOut, seriesLag, seriesWaiting, seriesStep, seriesPlanned, seriesSent, seriesDropped, seriesUnsent,
		seriesInFlight}
	// busiestSeries are those of the shard that used the largest share of its CPUs: a generator that
	// was short of CPU time anywhere was short of it.
	busiestSeries = []string{seriesOwnCPU, seriesOwnCPUs, seriesOwnMemory}
	// largestSeries are the largest of all shards'.
	largestSeries = []string{seriesLagFloor}
)

func named(name string, pairs ...string) labels.Labels {
	return labels.FromStrings(append([]string{model.MetricNameLabel, name}, pairs...)...)
}

// stage is a stretch of the load with the edges that its series have.
type stage struct {
	scenarios.Span
	start, end     time.Time // of the edge scrapes; zero until they were taken
	noStart, noEnd bool      // the edge scrape failed
	left           bool      // its last sample waits for [client.settle]
}

// window returns the stage as a window; an edge without a scrape is zero.
func (s stage) window() facts.Window {
	w := facts.Window{Name: s.Name, Start: s.start, End: s.end}
	if s.noStart {
		w.Start = time.Time{}
	}
	if s.noEnd {
		w.End = time.Time{}
	}
	return w
}

// under reports whether the stage is under way at t.
func (s stage) under(t time.Time) bool { return !s.start.IsZero() && s.start.Before(t) && !s.left }

// client writes what the ledger and the processes say as series. Methods are safe for concurrent
// use.
type client struct {
	store  *evidence.Store
	intake *intake
	ledger *load.Ledger
	steps  *load.Steps // nil when not asked for
	plan   *scenarios.Plan
	mu     sync.Mutex
	view   load.View // of the ledger
	lag    track
	wait   track
	step   map[hit.Step]*track
	hits   []hits // as the view's cells

	lastTimed time.Time // the last record that had histograms of durations
	atEdge    bool      // the next one has them

	stages []stage
	watch  []watched
	floor  float64      // lag p99 with a null transport, seconds
	err    error        // of records; settle gives it
	began  time.Time    // of the load
	hups   atomic.Int64 // SIGHUPs sent
	ended  time.Time    // when no more was to be sent: the end of the plan, or before

	first    time.Time     // of the records
	latest   time.Time     // of the records
	interval time.Duration // of periodic scrapes
	amid     amid
	watches  map[string]*watch // by endpoint
	served   served

	answerers answerers
	others    others
	stacks    *observer // nil when no process of the target is known
}

// maxZeroes bounds the requests whose hits are at 0 from the beginning: each has a series for every
// outcome in every stage.
const maxZeroes = 100

// watched is a process whose CPU and memory are recorded.
type watched struct {
	pid           int
	cpu, resident string // series
}

func newClient(store *evidence.Store, ledger *load.Ledger, plan *scenarios.Plan) *client {
	c := &client{store: store, ledger: ledger, plan: plan}
	for _, span := range plan.Stages() {
		c.stages = append(c.stages, stage{Span: span})
		for i, request := range plan.Requests() {
			c.hits = append(c.hits, newHits(request, span, i < maxZeroes))
		}
	}
	c.lag.name, c.wait.name = named(seriesLag), named(seriesWaiting)
	return c
}

// begin reports when the load began, which due times count from.
func (c *client) begin(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began = t
}

// end reports that from t on no more hits are to be sent. The first time counts.
func (c *client) end(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.IsZero() {
		c.ended = t
	}
}

// due returns how many hits should have been sent by t, of which sent were.
func (c *client) due(t time.Time, sent uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dueBy(t, sent)
}

// dueBy needs the lock. In a closed loop a hit is due when it is sent.
func (c *client) dueBy(t time.Time, sent uint64) uint64 {
	if c.began.IsZero() {
		return 0
	}
	if !c.ended.IsZero() && c.ended.Before(t) {
		t = c.ended
	}
	elapsed, open := t.Sub(c.began), c.plan.Schedule().ClosedFrom()
	due := uint64(sort.Search(int(min(open, c.plan.Hits())), func(n int) bool { return c.plan.Due(uint64(n)) > elapsed }))
	if sent > open {
		due += sent - open
	}
	return due
}

// leave reports that the next scrape is the edge at which stage i ends.
func (c *client) leave(i int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stages[i].left, c.atEdge = true, true
}

// edge reports that the scrape at t, which succeeded or not, is where stage i begins and the one
// before it ends.
func (c *client) edge(i int, t time.Time, scraped bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i > 0 {
		c.stages[i-1].end, c.stages[i-1].noEnd = t, !scraped
	}
	if i < len(c.stages) {
		c.stages[i].start, c.stages[i].noStart = t, !scraped
	}
}

// edges returns the stages with the edges that they have by now.
func (c *client) edges() []stage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.stages)
}

// record writes what is known at t into the store. It is called before every scrape and, by
// [client.scraped], after it.
func (c *client) record(t time.Time) {
	b := c.store.At(t)
	c.write(b, t)
	if err := b.Commit(); err != nil {
		c.mu.Lock()
		c.err = errors.Join(c.err, err)
		c.mu.Unlock()
	}
}

// write adds what is known at the batch's time t. Of the stages, those under way are written: what
// has ended waits for [client.settle]. It costs what has changed since the last time.
func (c *client) write(b *evidence.Batch, t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	inFlight := c.inFlight()
	c.look()
	b.AddCounter(named(seriesPlanned), float64(c.dueBy(t, c.view.Sent)))
	b.AddCounter(named(seriesSent), float64(c.view.Sent))
	for kind, hits := range c.ledger.Unsent() {
		b.AddCounter(named(seriesUnsent, "kind", string(kind)), float64(hits))
	}
	if c.plan.Reloads() {
		b.AddCounter(named(seriesReloads), float64(c.hups.Load()))
	}
	b.Add(named(seriesInFlight), float64(c.view.InFlight))
	b.Add(named(seriesLagFloor), c.floor)
	timed := c.timed(t)
	if timed {
		c.lag.write(b)
		c.wait.write(b)
		for _, step := range c.step {
			step.write(b)
		}
	}
	c.intake.write(b)
	b.Add(named(seriesOwnCPUs), float64(runtime.GOMAXPROCS(0)))
	c.served.write(b)
	c.writeMachine(b)
	for _, w := range c.watch {
		if used, err := process.UsageOf(w.pid); err == nil { // it may have ended; then it has no more to tell
			b.AddCounter(named(w.cpu), used.CPU.Seconds())
			b.Add(named(w.resident), float64(used.Resident))
		}
	}
	c.stacks.write(b)
	c.latest = t
	if c.first.IsZero() {
		c.first = t
	}
	c.amid.sent, c.amid.wanted, c.amid.inFlight = c.view.Sent, c.ledger.Wanted(), inFlight
	c.writeScrapes(b, t)
	c.writeOthers(b, t)
	for i, s := range c.stages {
		if s.under(t) {
			c.writeStage(b, i, timed)
		}
	}
}

// inFlight marks the ledger, and returns how many hits are in flight; there are none before the
// load. It needs the lock.
func (c *client) inFlight() uint64 {
	if c.began.IsZero() {
		return 0
	}
	return c.ledger.Mark(time.Since(c.began))
}

// How often histograms of durations are recorded while the load is sent: at most, and at least in a
// short run, whose charts want a number of points. They cost more than all other series of brrtload
// together; stages have theirs at the edges in any case.
const (
	timedMost  = 250 * time.Millisecond
	timedLeast = time.Second
	timedShare = 40 // of the load's length
)

// timedEvery returns the time between two such records.
func timedEvery(plan *scenarios.Plan) time.Duration {
	return min(max(plan.Length()/timedShare, timedMost), timedLeast)
}

// timed reports whether a record at t has the histograms of durations too.
func (c *client) timed(t time.Time) bool {
	if c.atEdge || t.Sub(c.lastTimed) >= timedEvery(c.plan) {
		c.lastTimed, c.atEdge = t, false
		return true
	}
	return false
}

// look brings what is known of the hits up to date. It needs the lock.
func (c *client) look() {
	c.ledger.Update(&c.view)
	c.lag.add(c.view.Lag)
	c.wait.add(c.view.Waiting)
	for i := range c.view.Cells {
		cell := &c.view.Cells[i]
		c.hits[i].latency.add(cell.Latency)
		c.hits[i].service.add(cell.Service)
	}
	if c.steps == nil {
		return
	}
	c.steps.Update(func(step hit.Step, changes []load.Change) {
		if c.step == nil {
			c.step = map[hit.Step]*track{}
		}
		if c.step[step] == nil {
			c.step[step] = &track{name: named(seriesStep, "step", string(step))}
		}
		c.step[step].add(changes)
	})
}

// stepsTaken returns how long the steps of hits took, nil when nobody wants to know.
func (c *client) stepsTaken() map[hit.Step]*load.Histogram {
	if c.steps == nil {
		return nil
	}
	return c.steps.Snapshot()
}

// latencyP99 returns the p99 of the latency of a stage's hits so far, in seconds, as of the last
// record.
func (c *client) latencyP99(stage int) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	var of []*native
	for i := range c.of(stage) {
		of = append(of, &c.of(stage)[i].latency.native)
	}
	return quantile(0.99, of...)
}

// of returns the hits of a stage, one entry a request.
func (c *client) of(stage int) []hits {
	n := len(c.plan.Requests())
	return c.hits[stage*n : (stage+1)*n]
}

// settle writes the last sample of every stage, at its end edge, once all hits are done.
func (c *client) settle(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	failed := []error{c.err}
	for i, s := range c.stages {
		if s.end.IsZero() || !s.start.Before(s.end) {
			continue
		}
		b := c.store.At(s.end)
		c.writeStage(b, i, true)
		failed = append(failed, b.Commit())
	}
	c.atEdge = true
	b := c.store.At(t)
	due := c.dueBy(t, c.view.Sent)
	b.Add(named(seriesDropped), float64(due-min(due, c.view.Sent)))
	return errors.Join(append(failed, b.Commit())...)
}

// writeStage needs the lock.
func (c *client) writeStage(b *evidence.Batch, i int, timed bool) {
	n := len(c.plan.Requests())
	for j := range c.of(i) {
		c.hits[i*n+j].write(b, c.view.Cells[i*n+j].Rows, c.stages[i].start, timed)
	}
}

// status is how a hit's status stands in a label: empty, and so absent, where none came.
func status(code int) string {
	if code == 0 {
		return ""
	}
	return strconv.Itoa(code)
}

// traced is how it stands in a label that a hit carried a traceparent: absent when it did not.
func traced(yes bool) string {
	if yes {
		return "true"
	}
	return ""
}
