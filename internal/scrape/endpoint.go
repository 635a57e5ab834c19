package scrape

import (
	"time"

	"github.com/prometheus/prometheus/model/labels"

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

// restart is a process that started anew between two scrapes.
type restart struct {
	of labels.Labels // what its series have in common; empty when it is the only process of the endpoint
	at time.Time
}

func (e *Endpoint) begin(t time.Time) {
	e.round++
	e.at = t
	clear(e.samples) // they point at histograms
	e.samples, e.present, e.moving, e.duplicates = e.samples[:0], e.present[:0], e.moving[:0], nil
	e.same, e.fell, e.turn = false, false, false
	clear(e.flaws)
}

// Baseline reports that the last scrape, at t, was the run's baseline: counters that first appear
// later started from 0 at t.
func (e *Endpoint) Baseline(t time.Time) { e.baseline = t }

func bareEndpoint(name, where string, own labels.Labels, store *evidence.Store) *Endpoint {
	return &Endpoint{
		name: name, where: where, own: own, store: store,
		symbols: labels.NewSymbolTable(), builder: labels.NewBuilder(labels.EmptyLabels()),
		entries: map[string]*entry{}, bySeries: map[*evidence.Series]*entry{},
		families: map[string]*family{}, instances: map[uint64]*instance{}, births: map[*evidence.Series]int64{},
	}
}
