// Package record writes what brrtload itself knows of a run as series: what came of its hits, how
// its scrapes went, what the processes and the machine did, what the target logged and traced.
//
// In go a ledger, readings of scrapes, and looks from outside; out come samples at the timestamps
// of the scrapes, in the evidence. series.go alone names these series.
package record

import (
	"errors"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/process"
	"brrtload/scenarios"
)

// Client writes what the ledger and the processes say as series. Methods are safe for concurrent
// use.
type Client struct {
	store  *evidence.Store
	Intake *Intake
	ledger *load.Ledger
	Steps  *load.Steps // nil when not asked for
	plan   *scenarios.Plan
	mu     sync.Mutex
	view   load.View // of the ledger
	lag    track
	wait   track
	step   map[hit.Step]*track
	hits   []hits // as the view's cells

	lastTimed time.Time // the last record that had histograms of durations
	lastUsage time.Time // the last one that had what the machine and brrtload use
	atEdge    bool      // the next one has both

	stages []Stage
	Watch  []Watched
	Floor  float64      // lag p99 with a null transport, seconds
	Err    error        // of records; settle gives it
	began  time.Time    // of the load
	Hups   atomic.Int64 // SIGHUPs sent
	ended  time.Time    // when no more was to be sent: the end of the plan, or before

	first    time.Time     // of the records
	latest   time.Time     // of the records
	Interval time.Duration // of periodic scrapes
	amid     amid
	watches  map[string]*watch // by endpoint
	Served   Served

	answerers Answerers
	others    others
	Stacks    *Observer         // nil when no process of the target is known
	beyond    *[2]time.Duration // of the hits, of counts that another server made
}

// maxZeroes bounds the requests whose hits are at 0 from the beginning: each has a series for every
// outcome in every stage.
const maxZeroes = 100

// Watched is a process whose CPU and memory are recorded.
type Watched struct {
	PID           int
	CPU, Resident string // series
}

// write adds what the process uses, unless it has ended. Its clock costs half a microsecond, its
// memory thirty times as much: only the target's is compared with every scrape.
func (w Watched) write(b *evidence.Batch, fully bool) {
	target := w.Resident == SeriesResident
	if !target && !fully {
		if cpu, err := process.CPU(w.PID); err == nil {
			b.AddCounter(Named(w.CPU), cpu.Seconds())
		}
		return
	}
	used, err := process.UsageOf(w.PID)
	if err != nil {
		return
	}
	b.AddCounter(Named(w.CPU), used.CPU.Seconds())
	b.Add(Named(w.Resident), float64(used.Resident))
	if target {
		writeMemory(b, w.PID, used)
	}
}

// New prepares the records of a plan whose hits are in a ledger.
func New(store *evidence.Store, ledger *load.Ledger, plan *scenarios.Plan) *Client {
	c := &Client{store: store, ledger: ledger, plan: plan}
	for _, span := range plan.Stages() {
		c.stages = append(c.stages, Stage{Span: span})
		for i, request := range plan.Requests() {
			c.hits = append(c.hits, newHits(request, span, i < maxZeroes))
		}
	}
	c.lag.name, c.wait.name = Named(seriesLag), Named(seriesWaiting)
	return c
}

// Begin reports when the load began, which due times count from.
func (c *Client) Begin(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began = t
}

// End reports that from t on no more hits are to be sent. The first time counts.
func (c *Client) End(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.IsZero() {
		c.ended = t
	}
}

// Due returns how many hits should have been sent by t, of which sent were.
func (c *Client) Due(t time.Time, sent uint64) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dueBy(t, sent)
}

// dueBy needs the lock. In a closed loop a hit is due when it is sent.
func (c *Client) dueBy(t time.Time, sent uint64) uint64 {
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

// Leave reports that the next scrape is the edge at which stage i ends.
func (c *Client) Leave(i int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stages[i].left, c.atEdge = true, true
}

// Edge reports that the scrape at t, which succeeded or not, is where stage i begins and the one
// before it ends.
func (c *Client) Edge(i int, t time.Time, scraped bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i > 0 {
		c.stages[i-1].End, c.stages[i-1].NoEnd = t, !scraped
	}
	if i < len(c.stages) {
		c.stages[i].Start, c.stages[i].NoStart = t, !scraped
	}
}

// Edges returns the stages with the edges that they have by now.
func (c *Client) Edges() []Stage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.stages)
}

// Record writes what is known at t into the store. It is called before every scrape and, by
// [client.scraped], after it.
func (c *Client) Record(t time.Time) {
	b := c.store.At(t)
	c.write(b, t)
	runtime.Gosched() // hits that have come due leave first
	if err := b.Commit(); err != nil {
		c.mu.Lock()
		c.Err = errors.Join(c.Err, err)
		c.mu.Unlock()
	}
}

// write adds what is known at the batch's time t. Of the stages, those under way are written: what
// has ended waits for [client.settle]. It costs what has changed since the last time.
func (c *Client) write(b *evidence.Batch, t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	inFlight := c.inFlight()
	c.look()
	b.AddCounter(Named(seriesPlanned), float64(c.dueBy(t, c.view.Sent)))
	b.AddCounter(Named(SeriesSent), float64(c.view.Sent))
	for kind, hits := range c.ledger.Unsent() {
		b.AddCounter(Named(seriesUnsent, "kind", string(kind)), float64(hits))
	}
	if c.plan.Reloads() {
		b.AddCounter(Named(seriesReloads), float64(c.Hups.Load()))
	}
	b.Add(Named(seriesInFlight), float64(c.view.InFlight))
	b.Add(Named(seriesLagFloor), c.Floor)
	timed, usage := c.has(t)
	b.Pause()
	if timed {
		c.lag.write(b)
		c.wait.write(b)
		for _, step := range c.step {
			step.write(b)
		}
	}
	c.Intake.write(b)
	b.Add(Named(SeriesOwnCPUs), float64(runtime.GOMAXPROCS(0)))
	c.Served.write(b)
	if usage {
		c.writeMachine(b)
	}
	for _, w := range c.Watch {
		b.Pause()
		w.write(b, usage)
	}
	c.Stacks.write(b)
	c.latest = t
	if c.first.IsZero() {
		c.first = t
	}
	c.amid.sent, c.amid.wanted, c.amid.inFlight = c.view.Sent, c.ledger.Wanted(), inFlight
	b.Pause()
	c.writeScrapes(b, t)
	c.writeOthers(b, t)
	b.Pause()
	for i, s := range c.stages {
		if s.under(t) {
			c.writeStage(b, i, timed)
		}
	}
}

// inFlight marks the ledger, and returns how many hits are in flight; there are none before the
// load. It needs the lock.
func (c *Client) inFlight() uint64 {
	if c.began.IsZero() {
		return 0
	}
	return c.ledger.Mark(time.Since(c.began))
}

// Settle writes the last sample of every stage, at its end edge, once all hits are done.
func (c *Client) Settle(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	failed := []error{c.Err}
	for i, s := range c.stages {
		if s.End.IsZero() || !s.Start.Before(s.End) {
			continue
		}
		b := c.store.At(s.End)
		c.writeStage(b, i, true)
		failed = append(failed, b.Commit())
	}
	c.atEdge = true
	b := c.store.At(t)
	due := c.dueBy(t, c.view.Sent)
	b.Add(Named(seriesDropped), float64(due-min(due, c.view.Sent)))
	return errors.Join(append(failed, b.Commit())...)
}

// writeStage needs the lock.
func (c *Client) writeStage(b *evidence.Batch, i int, timed bool) {
	n := len(c.plan.Requests())
	for j := range c.of(i) {
		c.hits[i*n+j].write(b, c.view.Cells[i*n+j].Rows, c.stages[i].Start, timed)
		b.Pause()
	}
}

// Status is how a hit's status stands in a label: empty, and so absent, where none came.
func Status(code int) string {
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
