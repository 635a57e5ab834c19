package run

import (
	"errors"
	"iter"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/assertions"
	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/process"
	"brrtload/scenarios"
)

// The series that brrtload adds to what it scrapes. They are named here and nowhere else.
//
// A hit belongs to the stage, and so to the phase, that it was due in, whenever it is done. A stage's series start from 0 at the stage's start edge,
// and their last sample, stamped at its end edge, counts all its hits, those too that were done only while draining: a budget over
// the steady phase must not lose the slowest.
const (
	seriesHits       = "brrtload_hits_total"               // request, credential, status, outcome, kind (of trouble), traced, phase, stage
	seriesUnexpected = "brrtload_unexpected_total"         // request, phase, stage: not answered, or not with a status that the scenario wants
	seriesLatency    = "brrtload_latency_seconds"          // request, phase, stage: done − due; native histogram
	seriesService    = "brrtload_service_seconds"          // request, phase, stage: done − sent; native histogram
	seriesBodyIn     = "brrtload_response_bytes_total"     // request, outcome, phase, stage: bodies received
	seriesBodyOut    = "brrtload_request_bytes_total"      // request, phase, stage: bodies sent
	seriesLag        = "brrtload_lag_seconds"              // how late the generator was, the warm-up left out; native histogram
	seriesWaiting    = "brrtload_waiting_seconds"          // sent − due of hits that came due while every connection was busy; native histogram
	seriesStep       = "brrtload_step_seconds"             // step: dns, connect, tls, first byte, transfer; only with transport.steps; native histogram
	seriesLagFloor   = "brrtload_lag_floor_p99_seconds"    // the pacer's lag with a null transport
	seriesPlanned    = "brrtload_planned_total"            // hits that the plan has
	seriesSent       = "brrtload_sent_total"               // hits sent so far
	seriesDropped    = "brrtload_dropped"                  // hits that were due and never sent; once the load is over
	seriesInFlight   = "brrtload_in_flight"                // sent and not yet done
	seriesReloads    = "brrtload_reloads_total"            // SIGHUPs sent to the target; there only when a stage asks for them
	seriesCPU        = "brrtload_target_cpu_seconds_total" // the target process's CPU clock
	seriesLogEvents  = "brrtload_log_events_total"         // event, level, and the labels that assertions and the scenario want
	seriesLogLines   = "brrtload_log_lines_total"          // from: start, or middle
	seriesLogOdd     = "brrtload_log_lines_odd_total"      // lines that fit no format
	seriesLogLost    = "brrtload_log_events_dropped_total" // reason: lines, or gaps, that could not be counted
	seriesSpans      = "brrtload_spans_total"              // name, kind, span_status, joined (to a hit), and the labels that assertions want
	seriesSpansLost  = "brrtload_spans_dropped_total"      // reason: spans, or bodies of them, that could not be counted
	seriesSecrets    = "brrtload_secrets_sought"           // secrets that were looked for
	seriesResident   = "brrtload_target_resident_memory_bytes"
	seriesOwnCPU     = "brrtload_generator_cpu_seconds_total"
	seriesOwnCPUs    = "brrtload_generator_cpus" // how many it may use at once: GOMAXPROCS
	seriesOwnMemory  = "brrtload_generator_resident_memory_bytes"

	seriesScrapes     = "brrtload_scrapes_total"               // endpoint
	seriesLost        = "brrtload_scrapes_failed_total"        // endpoint, answered (yes: with something that is no exposition; no), why
	seriesFlaws       = "brrtload_scrape_flaws_total"          // endpoint, flaw: scrapes that were read in spite of it
	seriesTurns       = "brrtload_scrape_turns_total"          // endpoint: scrapes that another process answered than the one before
	seriesProcesses   = "brrtload_target_processes"            // that may answer the target's scrapes, where it is known
	seriesUp          = "up"                                   // job (the endpoint), instance: 1 when the last scrape was read, 0 when not
	seriesTook        = "brrtload_scrape_seconds"              // endpoint: how long the last one that was read took
	seriesUnchanged   = "brrtload_scrape_unchanged_seconds"    // endpoint: for how long it has said the same while hits were answered, 0 when it has not
	seriesInterval    = "brrtload_scrape_interval_seconds"     // of periodic scrapes
	seriesAmid        = "brrtload_scrapes_amid_hits_total"     // scrapes through all of which some hit was in flight
	seriesHitsThrough = "brrtload_in_flight_throughout_scrape" // hits in flight through all of the last scrape, at least
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

// window gives the stage as a window; an edge without a scrape is zero.
func (s stage) window() assertions.Window {
	w := assertions.Window{Name: s.Name, Start: s.start, End: s.end}
	if s.noStart {
		w.Start = time.Time{}
	}
	if s.noEnd {
		w.End = time.Time{}
	}
	return w
}

// under tells whether the stage is under way at t.
func (s stage) under(t time.Time) bool { return !s.start.IsZero() && s.start.Before(t) && !s.left }

// client writes what the ledger and the processes say as series. Methods are safe for concurrent use.
type client struct {
	store  *evidence.Store
	intake *intake
	ledger *load.Ledger
	steps  *load.Steps // nil when nobody wants to know
	plan   *scenarios.Plan
	mu     sync.Mutex
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

	answerers answerers
}

// watched is a process whose CPU and memory are recorded.
type watched struct {
	pid           int
	cpu, resident string // series
}

func newClient(store *evidence.Store, ledger *load.Ledger, plan *scenarios.Plan) *client {
	c := &client{store: store, ledger: ledger, plan: plan}
	for _, span := range plan.Stages() {
		c.stages = append(c.stages, stage{Span: span})
	}
	return c
}

// begin says when the load began, which due times count from.
func (c *client) begin(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began = t
}

// end says that from t on no more hits are to be sent. The first time counts.
func (c *client) end(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.IsZero() {
		c.ended = t
	}
}

// due gives how many hits should have been sent by t, of which sent were.
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

// leave says that the next scrape is the edge at which stage i ends.
func (c *client) leave(i int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stages[i].left = true
}

// edge says that the scrape at t, which succeeded or not, is where stage i begins and the one before it ends.
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

// edges gives the stages with the edges that they have by now.
func (c *client) edges() []stage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.stages)
}

// record writes what is known at t into the store. It is called before every scrape and, by [client.scraped], after it.
func (c *client) record(t time.Time) {
	b := c.store.At(t)
	c.write(b, t)
	if err := b.Commit(); err != nil {
		c.mu.Lock()
		c.err = errors.Join(c.err, err)
		c.mu.Unlock()
	}
}

// write adds what is known at the batch's time t. Of the stages, those under way are written: what has ended waits for [client.settle].
func (c *client) write(b *evidence.Batch, t time.Time) {
	inFlight := c.inFlight()
	snapshot := c.ledger.SnapshotOf(c.under(t)...)
	b.AddCounter(named(seriesPlanned), float64(c.due(t, snapshot.Sent)))
	b.AddCounter(named(seriesSent), float64(snapshot.Sent))
	if c.plan.Reloads() {
		b.AddCounter(named(seriesReloads), float64(c.hups.Load()))
	}
	b.Add(named(seriesInFlight), float64(snapshot.InFlight))
	b.Add(named(seriesLagFloor), c.floor)
	b.AddHistogram(named(seriesLag), native(seconds(snapshot.Lag)))
	c.intake.write(b)
	if c.steps != nil {
		for step, h := range c.steps.Snapshot() {
			b.AddHistogram(named(seriesStep, "step", string(step)), native(seconds(h)))
		}
	}
	b.AddHistogram(named(seriesWaiting), native(seconds(snapshot.Waiting)))
	b.Add(named(seriesOwnCPUs), float64(runtime.GOMAXPROCS(0)))
	for _, w := range c.watch {
		if used, err := process.UsageOf(w.pid); err == nil { // it may have ended; then it has no more to tell
			b.AddCounter(named(w.cpu), used.CPU.Seconds())
			b.Add(named(w.resident), float64(used.Resident))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.latest = t
	if c.first.IsZero() {
		c.first = t
	}
	c.amid.sent, c.amid.done, c.amid.inFlight = snapshot.Sent, snapshot.Done, inFlight
	c.writeScrapes(b, t)
	for i, s := range c.stages {
		if s.under(t) {
			c.writeStage(b, i, snapshot)
		}
	}
}

// inFlight marks the ledger, and returns how many hits are in flight; there are none before the load.
func (c *client) inFlight() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.began.IsZero() {
		return 0
	}
	return c.ledger.Mark(time.Since(c.began))
}

// under gives the stages under way at t, by their indices.
func (c *client) under(t time.Time) (indices []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, s := range c.stages {
		if s.under(t) {
			indices = append(indices, i)
		}
	}
	return indices
}

// settle writes the last sample of every stage, at its end edge, once all hits are done.
func (c *client) settle(t time.Time) error {
	snapshot := c.ledger.Snapshot()
	c.mu.Lock()
	defer c.mu.Unlock()
	failed := []error{c.err}
	for i, s := range c.stages {
		if s.end.IsZero() || !s.start.Before(s.end) {
			continue
		}
		b := c.store.At(s.end)
		c.writeStage(b, i, snapshot)
		failed = append(failed, b.Commit())
	}
	b := c.store.At(t)
	due := c.dueBy(t, snapshot.Sent)
	b.Add(named(seriesDropped), float64(due-min(due, snapshot.Sent)))
	return errors.Join(append(failed, b.Commit())...)
}

// writeStage needs the lock.
func (c *client) writeStage(b *evidence.Batch, i int, snapshot load.Snapshot) {
	s := c.stages[i]
	add := func(lset labels.Labels, value float64, h *histogram.Histogram) {
		series, err := c.store.Series(lset)
		if err == nil {
			b.Append(series, evidence.Sample{Value: value, Histogram: h, Zero: s.start})
		} else {
			b.Fail(lset, err)
		}
	}
	place := []string{"phase", string(s.Phase), "stage", s.Name}
	type account struct {
		unexpected, out float64
		in              map[load.Outcome]float64
	}
	accounts := map[string]account{}
	for _, row := range snapshot.Rows {
		if row.Stage != i {
			continue
		}
		add(named(seriesHits, append(slices.Clone(place), "request", row.Request.Name.Value, "credential", row.Credential,
			"status", status(row.Status), "outcome", string(row.Outcome), "kind", string(row.Kind), "traced", traced(row.Traced))...), float64(row.Hits), nil)
		a := accounts[row.Request.Name.Value]
		if a.in == nil {
			a.in = map[load.Outcome]float64{load.Answered: 0}
		}
		a.in[row.Outcome] += float64(row.BytesIn)
		a.out += float64(row.BytesOut)
		if row.Unexpected {
			a.unexpected += float64(row.Hits)
		}
		accounts[row.Request.Name.Value] = a
	}
	for _, timing := range snapshot.Timings {
		if timing.Stage != i {
			continue
		}
		request := append(slices.Clone(place), "request", timing.Request.Name.Value)
		a := accounts[timing.Request.Name.Value]
		add(named(seriesUnexpected, request...), a.unexpected, nil)
		for outcome, bytes := range a.in {
			add(named(seriesBodyIn, append(slices.Clone(request), "outcome", string(outcome))...), bytes, nil)
		}
		add(named(seriesBodyOut, request...), a.out, nil)
		add(named(seriesLatency, request...), 0, native(seconds(timing.Latency)))
		add(named(seriesService, request...), 0, native(seconds(timing.Service)))
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

func seconds(h *load.Histogram) iter.Seq2[float64, uint64] {
	return func(yield func(float64, uint64) bool) {
		for upper, n := range h.Buckets() {
			if !yield(upper.Seconds(), n) {
				return
			}
		}
	}
}
