package scrape

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
)

// Endpoint reads one target, again and again, into a store. It belongs to one goroutine at a time.
type Endpoint struct {
	name     string
	where    string // the URL without its password
	own      labels.Labels
	store    *evidence.Store
	fetcher  *fetcher
	symbols  *labels.SymbolTable
	builder  *labels.Builder
	baseline time.Time // zero without a successful baseline
	added    []string  // labels that another server put on every series
	runFrom  time.Time // where the run begins, if that is later than its baseline scrape

	entries   map[string]*entry // by their text in the exposition
	bySeries  map[*evidence.Series]*entry
	families  map[string]*family
	instances map[uint64]*instance
	processes map[*evidence.Series]float64 // the start times of the last scrape that had any
	restarts  []restart
	births    map[*evidence.Series]int64 // creation times of series that the exposition no longer has
	earlier   bool                       // a start time has gone back

	// Of the scrape under way:
	round      uint64
	at         time.Time
	samples    []sample
	present    []*family
	duplicates []string
	moving     []*instance
	flaws      map[string]bool
	same       bool // every start time is that of the scrape before
	fell       bool // a counter went down, and no restart is known
	turn       bool // another process answered than the one before, which still lives

	stillSince time.Time // the last scrape in which a counter moved, or the first one
	last       time.Time // the last scrape that succeeded
	learning   bool
	marks      []time.Time // the ends of the stretches in which counters are tracked

	markedRound uint64        // the scrape of the first mark
	usually     time.Duration // between the scrapes from then on
	lookedFrom  time.Time     // the last scrape before those that follow each other at once
	sum         uint64        // of the last body that was read
}

// Reading is what one scrape of one endpoint was like.
type Reading struct {
	Endpoint    string
	URL         string        // without its password
	Sent        time.Time     // when the request was sent: the timestamp of its samples
	Took        time.Duration // from then until the body was read
	Bytes       int
	Series      int
	Families    int
	ContentType string
	// Unversioned says that the content type is text/plain without a version, which leaves readers
	// to guess the format.
	Unversioned bool
	// Duplicates are series that the exposition had twice, the first few; the first sample counted.
	Duplicates []string
	// Flaws are further ways in which it could be read, and should not be as it is, sorted.
	Flaws []string
	// Restarted reports whether the process started anew since the scrape before.
	Restarted bool
	// Turn reports whether another process answered than before, and both live.
	Turn bool
	// Unchanged says that the body is that of the scrape before, byte for byte.
	Unchanged bool
	// Moved says that a counter moved since the scrape before, other than those that move by
	// themselves, by scrapes or at a steady rate.
	Moved bool
	// Counts says that there are counters that could.
	Counts bool
	// Answered says that the endpoint gave a complete answer, whatever it was: with an Err, one
	// that is no exposition.
	Answered bool
	// Err is why the scrape failed; what else stands here is then partial.
	Err error

	body []byte // valid until the endpoint's next scrape
}

// seed is of the sums that tell whether a body has changed.
var seed = maphash.MakeSeed()

// maxNamed bounds the series named in a reading.
const maxNamed = 10

// New prepares the reading of a target into a store.
func New(t Target, store *evidence.Store) (*Endpoint, error) {
	fetcher, err := newFetcher(t)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(t.URL)
	if err != nil {
		return nil, err
	}
	e := bareEndpoint(t.Name, diag.Printable(u.Redacted()), t.Labels, store)
	e.fetcher = fetcher
	return e, nil
}

func bareEndpoint(name, where string, own labels.Labels, store *evidence.Store) *Endpoint {
	return &Endpoint{
		name: name, where: where, own: own, store: store,
		symbols: labels.NewSymbolTable(), builder: labels.NewBuilder(labels.EmptyLabels()),
		entries: map[string]*entry{}, bySeries: map[*evidence.Series]*entry{},
		families: map[string]*family{}, instances: map[uint64]*instance{}, births: map[*evidence.Series]int64{},
	}
}

// Baseline reports that the last scrape, at t, was the run's baseline: counters that first appear
// later started from 0 at t.
func (e *Endpoint) Baseline(t time.Time) { e.baseline = t }

// Close returns up the endpoint's idle connections.
func (e *Endpoint) Close() { e.fetcher.client.CloseIdleConnections() }

// Scrape reads the endpoint once and adds what it says to a batch at t, all of it or, with an error
// that tells where and why, nothing but markers that its series have ended. It takes at most the
// target's timeout; about a microsecond a series.
func (e *Endpoint) Scrape(ctx context.Context, t time.Time, batch *evidence.Batch) (Reading, error) {
	e.begin(t)
	r := Reading{Endpoint: e.name, URL: e.where, Sent: t}
	start := time.Now()
	body, contentType, err := e.fetcher.fetch(ctx)
	r.Took, r.Bytes, r.ContentType, r.body = time.Since(start), len(body), diag.Printable(contentType), body
	r.Answered = err == nil || errors.As(err, new(answered))
	return e.takeIn(r, body, contentType, err, batch)
}

// Read takes in an exposition that was kept, as if the endpoint had answered with it at t.
func (e *Endpoint) Read(t time.Time, body []byte, contentType string, batch *evidence.Batch) (Reading, error) {
	e.begin(t)
	return e.takeIn(Reading{Endpoint: e.name, URL: e.where, Sent: t, Bytes: len(body),
		ContentType: diag.Printable(contentType), Answered: true}, body, contentType, nil, batch)
}

// takeIn adds what was read to the batch, unless there was an error.
func (e *Endpoint) takeIn(r Reading, body []byte, contentType string, err error,
	batch *evidence.Batch) (Reading, error) {
	if err == nil {
		err = e.parse(body, contentType)
	}
	if err != nil {
		e.lost(batch)
		r.Err = fmt.Errorf("scrape %s: %w", e.where, err)
		return r, r.Err
	}
	sum := maphash.Bytes(seed, body)
	r.Unchanged, e.sum = sum == e.sum, sum
	r.Unversioned = unversioned(contentType)
	e.understood(&r, batch)
	return r, nil
}

// understood adds to the batch what was read, and to the reading what it shows.
func (e *Endpoint) understood(r *Reading, batch *evidence.Batch) {
	r.Restarted = e.starts()
	r.Duplicates = e.duplicates
	r.Series, r.Families = len(e.samples), len(e.present)
	e.record(batch)
	r.Turn = e.turn || e.fell && e.earlier && !e.same // workers are forked within milliseconds of each other
	r.Flaws = slices.Sorted(maps.Keys(e.flaws))
	e.forget(batch)
	e.settle()
	r.Moved, r.Counts = len(e.moving) > 0, e.counts()
	e.store.Describe(e.name, r.Sent, e.metadata())
	e.last = r.Sent
}

func (e *Endpoint) begin(t time.Time) {
	e.round++
	e.at = t
	clear(e.samples) // they point at histograms
	e.samples, e.present, e.moving, e.duplicates = e.samples[:0], e.present[:0], e.moving[:0], nil
	e.same, e.fell, e.turn = false, false, false
	clear(e.flaws)
}

// record adds the samples to the batch.
func (e *Endpoint) record(batch *evidence.Batch) {
	for i := range e.samples {
		x := &e.samples[i]
		e.notice(x)
		zero := e.zero(x)
		if x.entry.role == cumulative && x.entry.live && zero.IsZero() {
			e.fall(x)
		}
		x.entry.live = true
		x.entry.value = x.count()
		batch.Append(x.entry.series, evidence.Sample{
			Value: x.value, Histogram: x.histogram, Float: x.float, Exemplars: x.exemplars, Zero: zero,
		})
	}
}

// zero returns when the series of a sample started from 0, or the zero time for "before all this",
// which is also what is said of a gauge. A restart is a creation time other than that of the
// series' sample before: how it compares with our own stamps depends on the clocks, and on when in
// a scrape the series was created.
func (e *Endpoint) zero(x *sample) time.Time {
	known := x.entry
	if known.role != cumulative {
		return time.Time{}
	}
	created := x.started
	if created == 0 && known.instance.since == e.round {
		created = known.instance.created
	}
	before := known.created
	e.born(x, created, before)
	if created != 0 {
		known.created = created
	}
	last, seen := known.series.Last()
	switch {
	case !e.baseline.IsZero() && (!seen || last.Before(e.baseline)):
		return e.baseline
	case !seen: // no baseline: what it counted before is not known
		return time.Time{}
	case created != 0 && before != 0:
		if created == before {
			return time.Time{}
		}
		if created < before && !e.same {
			e.turn = true
		}
		return e.between(created)
	}
	if began := e.began(known.series); began.After(last) {
		return began // also when the series was away in the first scrape after the restart
	}
	return time.Time{}
}

// forget marks the series that the exposition no longer has as ended.
func (e *Endpoint) forget(batch *evidence.Batch) {
	if len(e.entries) == len(e.samples) {
		return // every series known was there
	}
	for raw, known := range e.entries {
		if known.round == e.round || known.role == created && known.family.round == e.round {
			continue
		}
		if known.live {
			batch.Stale(known.series)
			known.live = false
		}
		if known.created != 0 {
			e.births[known.series] = known.created
		}
		delete(e.entries, raw)
		delete(e.bySeries, known.series)
		delete(known.family.entries, known)
		known.family.values = nil
	}
}

// lost marks every series as ended: their values are unknown now.
func (e *Endpoint) lost(batch *evidence.Batch) {
	for _, known := range e.bySeries {
		if known.live {
			batch.Stale(known.series)
			known.live = false
		}
	}
}

// label returns a series its final labels.
func (e *Endpoint) label(lset labels.Labels) labels.Labels {
	if e.own.IsEmpty() {
		return lset
	}
	e.builder.Reset(lset)
	e.own.Range(func(l labels.Label) {
		if theirs := lset.Get(l.Name); theirs != "" {
			e.builder.Set("exported_"+l.Name, theirs)
		}
		e.builder.Set(l.Name, l.Value)
	})
	return e.builder.Labels()
}

// count is what the sample counts: its value, or the observations of its histogram.
func (x *sample) count() float64 {
	switch {
	case x.histogram != nil:
		return float64(x.histogram.Count)
	case x.float != nil:
		return x.float.Count
	}
	return x.value
}

// name returns the series as it would be written in a query.
func (known *entry) name() string { return seriesName(known.series.Labels()) }

func seriesName(lset labels.Labels) string {
	name := lset.Get(model.MetricNameLabel)
	rest := lset.MatchLabels(false, model.MetricNameLabel).String()
	return diag.Printable(strings.TrimSuffix(name+rest, "{}"))
}

// moved reports whether a counter's value is another one than before.
func moved(before, now float64) bool {
	return before != now && !(math.IsNaN(before) && math.IsNaN(now))
}
