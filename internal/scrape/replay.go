package scrape

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
)

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
	e.Track()
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
			r.Add(reading)
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
			e.Track()
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
