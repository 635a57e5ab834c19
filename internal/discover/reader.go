package discover

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/scrape"
)

const (
	interval      = 50 * time.Millisecond  // between two scrapes while counts are awaited
	still         = 250 * time.Millisecond // how long no count may move, at least
	slowest       = 20 * time.Second       // the oldest exposition that is waited for
	resting       = 8                      // scrapes that show what moves without any request
	restPasses    = 3                      // at most so many times
	longest       = 5 * time.Second        // after the first movement, where counts are not known to be older
	habitual      = 4                      // moves in as many scrapes running, with nothing sent, are a habit
	atMostCounted = 4                      // requests that one scrape may count as
)

// reader scrapes one endpoint and knows which of its counts move without any request.
type reader struct {
	endpoint *scrape.Endpoint
	store    *evidence.Store
	url      string
	settings []string // of the scrapes, as a scenario writes them
	count    int      // scrapes so far
	families int
	age      time.Duration
	first    time.Time // scrape
	last     time.Time
	steps    map[string]float64 // series that each scrape moves, and how far
	stepping map[string]string  // and their metric
	restless map[string]string  // series that move irregularly, and their metric
	latest   view
	fell     int  // how often a count was lower than in the scrape before
	turns    int  // how often another process answered than before
	untyped  bool // the content type has no version
}

// view is one scrape.
type view struct {
	number int
	series map[string]scrape.Value // by their labels
}

// read scrapes once.
func (r *reader) read(ctx context.Context) (view, error) {
	at := time.Now().Truncate(time.Millisecond)
	if !at.After(r.last) {
		at = r.last.Add(time.Millisecond)
	}
	if r.last = at; r.first.IsZero() {
		r.first = at
	}
	batch := r.store.At(at)
	reading, err := r.endpoint.Scrape(ctx, at, batch)
	if stored := batch.Commit(); err == nil {
		err = stored
	}
	if err != nil {
		return view{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	r.count++
	r.families, r.untyped = reading.Families, reading.Unversioned
	v := view{number: r.count, series: map[string]scrape.Value{}}
	fell := false
	for _, x := range r.endpoint.Values() {
		key := x.Labels.String()
		v.series[key] = x
		before, known := r.latest.series[key]
		fell = fell || known && !ignored(x) && x.Value < before.Value
	}
	if r.latest = v; fell {
		r.fell++
	}
	if reading.Turn || fell && r.fell > 1 { // once, a process may have started anew
		r.turns++
	}
	return v, nil
}

// rest learns what moves without any request: by how much each scrape moves a series, and which
// ones move irregularly. What came before may still be on its way, so what moved irregularly is
// looked at again.
func (r *reader) rest(ctx context.Context) (before view, err error) {
	for range restPasses {
		if before, err = r.pass(ctx, before); err != nil || len(r.restless) == 0 {
			break
		}
	}
	return before, err
}

func (r *reader) pass(ctx context.Context, before view) (view, error) {
	moves := map[string][]float64{}
	names := map[string]string{}
	for i := range resting {
		now, err := r.read(ctx)
		if err != nil {
			return view{}, err
		}
		if i > 1 { // the first scrapes may make series
			for key, x := range now.series {
				if ignored(x) {
					continue
				}
				names[key] = x.Labels.Get(model.MetricNameLabel)
				moves[key] = append(moves[key], x.Value-before.series[key].Value)
			}
		}
		before = now
		if err := pause(ctx, 2*interval); err != nil {
			return view{}, err
		}
	}
	r.steps, r.stepping, r.restless = map[string]float64{}, map[string]string{}, map[string]string{}
	for key, each := range moves {
		least, most := slices.Min(each), slices.Max(each)
		switch {
		case least == 0 && most == 0:
		case least == most && least <= atMostCounted && !strings.HasSuffix(names[key], "_sum"):
			r.steps[key], r.stepping[key] = least, names[key]
		default:
			r.restless[key] = names[key]
		}
	}
	return before, nil
}

// delta returns by how much each count increased between two scrapes, beyond what the scrapes moved
// it.
func (r *reader) delta(before, after view) map[string]float64 {
	moved := map[string]float64{}
	for key, x := range after.series {
		if ignored(x) || r.restless[key] != "" {
			continue
		}
		if d := x.Value - before.series[key].Value - r.steps[key]*float64(after.number-before.number); d != 0 {
			moved[key] = d
		}
	}
	return moved
}

// settle scrapes until the counts stand still, so long at least, and returns the last view. It
// waits for a first movement at most as long as given, and learns from it how old an exposition may
// be. What moves in scrape after scrape is restless from then on.
func (r *reader) settle(ctx context.Context, base view, atMost, still time.Duration) (view, error) {
	start := time.Now()
	before, changed := base, time.Time{}
	habits := map[string]*habit{}
	for {
		now, err := r.read(ctx)
		if err != nil {
			return view{}, err
		}
		if len(r.unsettled(before, now, habits)) > 0 {
			changed = time.Now()
		}
		before = now
		quiet := max(still, r.age*3/2)
		switch waited := time.Since(start); {
		case changed.IsZero() && waited >= max(atMost, quiet), !changed.IsZero() && time.Since(changed) >= quiet:
			if !changed.IsZero() {
				r.age = max(r.age, changed.Sub(start))
			}
			return now, nil
		case waited >= atMost+max(longest, 4*r.age): // something else never stands still: what it is shows in no count of ours
			return now, nil
		}
		if err := pause(ctx, interval); err != nil {
			return view{}, err
		}
	}
}

// habit is how often running a series has moved, and how far.
type habit struct {
	scrape, times int
	far           float64
}

// unsettled returns what moved between two scrapes, without what has the habit.
func (r *reader) unsettled(before, now view, habits map[string]*habit) map[string]float64 {
	moved := r.delta(before, now)
	for key, d := range moved {
		h := habits[key]
		if h == nil || h.scrape != before.number {
			h = &habit{}
			habits[key] = h
		}
		h.scrape, h.times, h.far = now.number, h.times+1, h.far+d
		name, count := counts(now.series[key])
		if h.times >= habitual &&
			(!count || math.Abs(h.far) >= habitual) { // a scrape that is counted late moves to and fro
			r.restless[key] = name
			delete(moved, key)
		}
	}
	return moved
}

// restlessNames lists the metrics with series that move irregularly without any request.
func (r *reader) restlessNames() []string {
	timed := map[string]bool{} // histograms and summaries that count scrapes: their sums and buckets move irregularly
	for key := range r.steps {
		if name, ok := strings.CutSuffix(r.stepping[key], "_count"); ok {
			timed[name] = true
		}
	}
	names := slices.Compact(slices.Sorted(maps.Values(r.restless)))
	return slices.DeleteFunc(names, func(name string) bool {
		return timed[strings.TrimSuffix(strings.TrimSuffix(name, "_sum"), "_bucket")]
	})
}

// ignored reports whether a series cannot count requests.
func ignored(x scrape.Value) bool { return !x.Cumulative || facts.MovesByItself(x.Family) }

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
