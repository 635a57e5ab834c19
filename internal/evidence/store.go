// Package evidence keeps the facts of a run and answers questions about them.
//
// In go samples, in a [Batch] a timestamp, with the families' metadata, the windows and the events;
// out come the answers of [assertions.Evidence], computed by the Prometheus engine. A run directory
// holds it all: tsdb/ is a block that any Prometheus opens, evidence.json is what a block cannot
// hold. Package internal/scrape fills a store, package assertions asks it.
package evidence

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"brrtload/internal/facts"
)

var _ facts.Evidence = (*Store)(nil)

const (
	// MaxSeries bounds the series that one run may have.
	MaxSeries = 1_000_000
	// maxExemplars bounds the exemplars kept; the newest stay.
	maxExemplars = 10_000
	// chunkRange is how far, twice over, a sample may lie behind the newest one of the store. No
	// run is that long.
	chunkRange = 30 * 24 * time.Hour
)

// noBaseline stands where no baseline was taken.
const noBaseline = math.MinInt64

// Store is the evidence of one run. It is safe for concurrent use; a [Batch] belongs to one
// goroutine.
type Store struct {
	dir    string
	engine *promql.Engine
	// samples answers the engine: the head while the run is recorded, the saved block afterwards.
	samples storage.Queryable
	head    *tsdb.Head  // nil in a store that was opened for reading
	shelf   *shelf      // where the head's full chunks go; nil in a store that was opened for reading
	block   *tsdb.Block // nil in a store that is being recorded

	tee func(lset labels.Labels, at int64, x Sample) // takes every sample that is stored; may be nil

	mu       sync.Mutex // guards what follows
	baseline int64      // milliseconds, or noBaseline
	series   map[uint64][]*Series
	count    int // of series
	windows  []facts.Window
	families catalogue
	events   journal
	relayed  *Relayed // nil when the service was scraped for the run
	saved    bool
}

// Create makes a new, empty store in a run directory, which it creates if need be. Of each series
// the newest samples, at most 120, stay in memory; those before go to files in tsdb/ and are found
// there, until [Store.Save] makes a block of them all.
func Create(dir string) (*Store, error) {
	data := filepath.Join(dir, dataDir)
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, fmt.Errorf("create evidence: %w", err)
	}
	shelf, err := newShelf(data)
	if err != nil {
		return nil, fmt.Errorf("create evidence in %s: %w", data, err)
	}
	head := shelf.db.Head()
	return &Store{
		dir: dir, engine: newEngine(), head: head, shelf: shelf, samples: headQueryable(head),
		baseline: noBaseline, series: map[uint64][]*Series{},
	}, nil
}

// headQueryable reads what has been committed so far.
func headQueryable(head *tsdb.Head) storage.Queryable {
	return storage.QueryableFunc(func(mint, maxt int64) (storage.Querier, error) {
		if maxt < head.MinTime() {
			return storage.NoopQuerier(), nil
		}
		return tsdb.NewBlockQuerier(tsdb.NewRangeHead(head, mint, maxt), mint, maxt)
	})
}

// Tee has every sample that is stored from now on handed over, in order of time of each series: at is
// milliseconds. It must copy the histograms that it keeps. It is called before the first batch.
func (s *Store) Tee(take func(lset labels.Labels, at int64, x Sample)) { s.tee = take }

// Close releases the store's files. What was not saved is lost.
func (s *Store) Close() error {
	if s.shelf != nil {
		return s.shelf.close()
	}
	if s.block == nil {
		return nil
	}
	return s.block.Close()
}

// Queryable returns the samples themselves, for [Store.With] a wrapper around them.
func (s *Store) Queryable() storage.Queryable { return s.samples }

// With returns the same evidence over other samples, for reading: a mutant's, or another server's.
// It shares the store's files, so that only the store is closed.
func (s *Store) With(samples storage.Queryable) *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Store{
		dir: s.dir, engine: s.engine, samples: samples, baseline: s.baseline,
		windows: s.windows, families: s.families, events: s.events, relayed: s.relayed, saved: true,
	}
}

// Baseline reports that the baseline scrape was taken at t, and succeeded: a counter first added
// after it started from 0 at t.
func (s *Store) Baseline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.baseline = t.UnixMilli()
}

// Mark names a stretch of the run. A window whose edge scrape failed is marked with that edge zero;
// marking a name again replaces it.
func (s *Store) Mark(w facts.Window) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.windows {
		if s.windows[i].Name == w.Name {
			s.windows[i] = w
			return
		}
	}
	s.windows = append(s.windows, w)
}

// Window implements assertions.Evidence.
func (s *Store) Window(name string) (facts.Window, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.windows {
		if w.Name == name {
			return w, !w.Start.IsZero() && !w.End.IsZero()
		}
	}
	return facts.Window{Name: name}, false
}

// Windows returns every window, in the order in which they were first marked.
func (s *Store) Windows() []facts.Window {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]facts.Window(nil), s.windows...)
}

// errTooManySeries tells what a run with unbounded label values comes to.
var errTooManySeries = fmt.Errorf("more than %d series in this run: a label has unbounded values", MaxSeries)

// Series returns the store's handle of a series. Keeping it saves the look-up.
func (s *Store) Series(lset labels.Labels) (*Series, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(lset)
}

// find needs the lock.
func (s *Store) find(lset labels.Labels) (*Series, error) {
	hash := lset.Hash()
	for _, found := range s.series[hash] {
		if labels.Equal(found.labels, lset) {
			return found, nil
		}
	}
	if lset.IsEmpty() || lset.Get(model.MetricNameLabel) == "" {
		return nil, errors.New("a series needs a name")
	}
	if s.count == MaxSeries {
		return nil, errTooManySeries
	}
	s.count++
	added := &Series{labels: lset, state: state{last: never, value: never}}
	added.pending = added.state
	s.series[hash] = append(s.series[hash], added)
	return added, nil
}
