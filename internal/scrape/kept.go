package scrape

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
)

// Kept is an endpoint as another server has scraped it and kept it.
type Kept struct {
	Name     string
	Labels   labels.Labels  // added to every series
	Added    []string       // names of labels that the server put on every series
	Families []facts.Family // their names, types, help texts and units
	Rounds   []KeptRound    // in order of time
}

// KeptRound is one scrape of it.
type KeptRound struct {
	At      time.Time
	Failed  bool
	Samples []KeptSample
}

// KeptSample is one sample of a scrape: a histogram, or a value.
type KeptSample struct {
	Labels    labels.Labels
	Value     float64
	Histogram *histogram.FloatHistogram
}

// Interval returns the usual time between two scrapes, and 0 when there are fewer than two.
func (k Kept) Interval() time.Duration {
	var apart []time.Duration
	for i := 1; i < len(k.Rounds); i++ {
		apart = append(apart, k.Rounds[i].At.Sub(k.Rounds[i-1].At))
	}
	if len(apart) == 0 {
		return 0
	}
	slices.Sort(apart)
	return apart[len(apart)/2]
}

// Replayed is what was seen while the scrapes of a kept endpoint were taken in.
type Replayed struct {
	Stats
	// Before are the counters that moved before the run, and After those that still moved after
	// the load, though they had not moved steadily before.
	Before, After []Movement
	Rested        time.Duration // for how long no counter had moved at the baseline
	// First and Last are the scrapes between which the run is counted: the last one before it
	// began, and the first one after the load. One that there was not is zero.
	First, Last time.Time
	// Born reports whether the process started during the run.
	Born bool
	Err  error // of storing a sample
}

// Moments are those of a run, by our clock.
type Moments struct {
	Touched  time.Time // before it, the run had sent nothing to the service
	Baseline time.Time // from it everything is counted
	Over     time.Time // after it no hit was under way
}

// Replay takes the scrapes of a kept endpoint into a store as if they were being made: what was
// known at each moment is what a scrape loop would have known.
func (k Kept) Replay(store *evidence.Store, run Moments) Replayed {
	e := bareEndpoint(k.Name, k.Name, k.Labels, store)
	r := Replayed{Stats: Stats{Endpoint: k.Name}}
	var before time.Time // the last scrape that shows what others do
	for _, round := range k.Rounds {
		if !round.At.After(run.Touched) && !round.Failed {
			before = round.At
		}
		if !round.At.After(run.Baseline) && !round.Failed {
			r.First = round.At
		}
	}
	e.runFrom, e.added = run.Baseline, k.Added
	families := k.byMetric()
	e.track()
	for _, round := range k.Rounds {
		if r.First.IsZero() && !r.Born && round.startedAfter(run.Baseline) {
			r.Born, r.First = true, run.Baseline
			e.Baseline(run.Baseline)
		}
		batch := store.At(round.At)
		reading := e.takeKept(round, families, batch)
		if err := batch.Commit(); err != nil && r.Err == nil {
			r.Err = err
		}
		if round.At.After(run.Touched) {
			r.add(reading)
		}
		if reading.Err != nil {
			continue
		}
		if !round.At.After(run.Touched) {
			e.mark()
		}
		if round.At.Equal(before) {
			r.Before = e.alone()
		}
		switch {
		case round.At.Equal(r.First):
			r.Rested = run.Baseline.Sub(e.stillSince)
			e.Baseline(round.At)
		case r.Last.IsZero() && !round.At.Before(run.Over):
			r.Last = round.At
			e.track()
			e.mark()
		}
	}
	if !r.Last.IsZero() && e.last.After(r.Last) {
		for _, known := range e.bySeries {
			if m := e.movement(known, false); m.Rate != 0 && !known.instance.steady {
				r.After = append(r.After, m)
			}
		}
	}
	return r
}

// How steady rates are told from the scrapes before a run: by the last so many intervals, and at
// least so many.
const (
	mostIntervals  = 10
	leastIntervals = 4
)

// alone returns how counters moved by themselves so far: those that did at a steady rate, and those
// that did in the last scrape. What moved before, and came to rest, was a caller that has left.
func (e *Endpoint) alone() []Movement {
	var all []Movement
	for _, known := range e.bySeries {
		n := len(e.marks)
		if known.role != cumulative || known.instance.aside || !known.live || n < 2 || len(known.trail) != n {
			continue
		}
		from := max(0, n-1-mostIntervals)
		m, steady := rateOf(e.marks[from:], known.trail[from:])
		m.Series = known.series.Labels()
		switch {
		case steady:
			known.instance.steady = true
			all = append(all, m)
		case known.instance.moved == e.round:
			if last := e.marks[n-1].Sub(e.marks[n-2]).Seconds(); last > 0 {
				m.Rate, m.Step = max(0, known.trail[n-1]-known.trail[n-2])/last, 0
				all = append(all, m)
			}
		}
	}
	return all
}

// rateOf returns at which rate a counter moved, and whether it was the same in all intervals: in
// most it moved, and by no more or less than chance makes of the mean, or within a factor of two.
// The step is how much more the intervals differ than those of a Poisson process: the index of
// dispersion.
func rateOf(at []time.Time, values []float64) (m Movement, steady bool) {
	n := len(at) - 1
	m.Watched = at[n].Sub(at[0])
	if n < leastIntervals || m.Watched <= 0 {
		return m, false
	}
	m.Rate = (values[n] - values[0]) / m.Watched.Seconds()
	byChance, zeros := true, 0
	least, most, dispersion := math.Inf(1), 0.0, 0.0
	for i := range n {
		length, d := at[i+1].Sub(at[i]).Seconds(), values[i+1]-values[i]
		if d < 0 || length <= 0 || m.Rate <= 0 {
			return m, false
		}
		if d == 0 {
			zeros++
		}
		expected := m.Rate * length
		byChance = byChance && math.Abs(d-expected) <= spread*math.Sqrt(expected)+1
		dispersion += (d - expected) * (d - expected) / expected / float64(n-1)
		least, most = min(least, d/length), max(most, d/length)
	}
	m.Step, m.Steady = max(1, dispersion), 2*zeros <= n && (byChance || most <= 2*least)
	return m, m.Steady
}

// startedAfter reports whether the process that a scrape is of started after a moment.
func (round KeptRound) startedAfter(t time.Time) bool {
	any := false
	for _, x := range round.Samples {
		if x.Labels.Get(model.MetricNameLabel) != facts.StartTime {
			continue
		}
		if any = true; time.UnixMilli(int64(x.Value * 1000)).Before(t) {
			return false
		}
	}
	return any
}

// takeKept takes one scrape in.
func (e *Endpoint) takeKept(round KeptRound, families map[string]facts.Family, batch *evidence.Batch) Reading {
	e.begin(round.At)
	r := Reading{Endpoint: e.name, URL: e.where, Sent: round.At, Answered: !round.Failed}
	if err := e.understand(round, families); err != nil {
		e.lost(batch)
		r.Err = fmt.Errorf("scrape %s: %w", e.where, err)
		return r
	}
	e.understood(&r, batch)
	return r
}

// understand puts the samples of a scrape where [Endpoint.parse] puts those of an exposition.
func (e *Endpoint) understand(round KeptRound, families map[string]facts.Family) error {
	if round.Failed {
		return errors.New("the server could not read it: up is 0")
	}
	var key []byte
	for _, x := range round.Samples {
		name := x.Labels.Get(model.MetricNameLabel)
		if f, known := families[name]; known {
			if of := e.declare([]byte(f.Name)); !of.said.kind {
				of.setType(model.MetricType(f.Type), false)
				of.setHelp([]byte(f.Help))
				of.setUnit([]byte(f.Unit))
			}
		}
		key = x.Labels.Bytes(key)
		found, err := e.entryOf(key, func(to *labels.Labels) { *to = x.Labels })
		if err != nil {
			return err
		}
		if err := e.collect(sample{entry: found, value: x.Value, float: x.Histogram}, nil, textType); err != nil {
			return err
		}
	}
	if len(e.samples) == 0 {
		return errors.New("the server has no samples of it")
	}
	return nil
}

// byMetric returns the families by the names of their series.
func (k Kept) byMetric() map[string]facts.Family {
	all := map[string]facts.Family{}
	for _, f := range k.Families {
		for _, name := range f.MetricNames() {
			all[name] = f
		}
	}
	return all
}
