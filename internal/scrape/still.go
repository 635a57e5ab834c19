package scrape

import (
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/facts"
)

// Still is how long no counter may have moved for an endpoint to be quiet.
const Still = 200 * time.Millisecond

// habit is in how many scrapes running a counter must move, with nothing sent, to be taken for one
// that being looked at moves.
const habit = 3

// Looks is how many scrapes then follow each other at once, and byLooking which share of its mean
// step such a counter must take in them, on average. One that time moves, or other callers'
// requests, takes next to none in so short a time; one that is an estimate takes steps of very
// different lengths.
const (
	Looks     = 5
	byLooking = 0.25
)

// Look begins to count the steps that are taken in looks.
func (e *Endpoint) Look() {
	e.lookedFrom = e.last
	e.usually = Still
	if n := e.round - e.markedRound; len(e.marks) > 0 && n > 0 {
		e.usually = e.last.Sub(e.marks[0]) / time.Duration(n)
	}
	for _, i := range e.instances {
		if i.learned {
			i.usual, i.seen = (i.travel+i.step)/float64(i.moves), 0
		}
	}
}

// Looked takes in the steps of one look.
func (e *Endpoint) Looked() {
	for _, i := range e.instances {
		if i.moved == e.round {
			i.seen += i.step
		}
	}
}

// Confirm takes back what time explains: in so short a time it would have taken next to no steps.
// Where scrapes take long, time explains some of them.
func (e *Endpoint) Confirm() {
	explained := min(1, e.last.Sub(e.lookedFrom).Seconds()/(Looks*max(e.usually, time.Millisecond).Seconds()))
	for _, i := range e.instances {
		if i.learned && i.seen < (byLooking+(1-byLooking)*explained)*i.usual*Looks {
			i.learned = false
			e.moving = append(e.moving, i)
		}
	}
}

// notice sees whether the sample's counter moved since the scrape before. It needs the entry's old
// value. A series that was not there before has moved, though nothing is known of its step: its
// value is not one.
func (e *Endpoint) notice(x *sample) {
	known := x.entry
	if known.role != cumulative || known.instance.aside || !moved(known.value, x.count()) {
		return
	}
	known.moves++
	i := known.instance
	step := math.Abs(x.count() - known.value)
	if !known.live {
		step = 0
	}
	if i.moved == e.round {
		i.step = max(i.step, step)
		return
	}
	switch {
	case !known.live: // it was not there before, which is no step
		i.moves, i.travel = 0, 0
	case i.moved == e.round-1:
		i.moves, i.travel = i.moves+1, i.travel+i.step
	default:
		i.moves, i.travel = 1, 0
	}
	i.step = step
	i.moved = e.round
	if e.learning && i.moves >= habit {
		i.learned = true
	}
	if !i.learned && !i.steady {
		e.moving = append(e.moving, i)
	}
}

// counts reports whether the last scrape had a counter that hits may move.
func (e *Endpoint) counts() bool {
	return slices.ContainsFunc(e.samples, func(x sample) bool {
		i := x.entry.instance
		return x.entry.role == cumulative && !i.aside && !i.learned && !i.steady
	})
}

// Learn begins or ends to take counters that move in scrape after scrape for ones that being looked
// at moves.
func (e *Endpoint) Learn(on bool) { e.learning = on }

// Moving returns the counters that moved in the last scrape, and that nothing is known to move
// besides the service's work.
func (e *Endpoint) Moving() []string {
	var names []string
	for _, i := range e.moving {
		names = append(names, i.name)
	}
	return names
}

// MovedByLooking returns the counters that each scrape moves.
func (e *Endpoint) MovedByLooking() []string {
	var names []string
	for _, i := range e.instances {
		if i.learned {
			names = append(names, i.name)
		}
	}
	return names
}

// StillSince returns the last scrape in which a counter moved, or the first one.
func (e *Endpoint) StillSince() time.Time { return e.stillSince }

// settle notes since when nothing has moved.
func (e *Endpoint) settle() {
	if len(e.moving) > 0 || e.stillSince.IsZero() {
		e.stillSince = e.at
	}
}

// instanceOf returns the instance of a series: the family with the labels, le and quantile left
// out.
func (e *Endpoint) instanceOf(known *entry) *instance {
	lset := known.series.Labels()
	e.builder.Reset(lset)
	e.builder.Set(model.MetricNameLabel, known.family.name())
	e.builder.Del(labels.BucketLabel, "quantile")
	key := e.builder.Labels()
	found := e.instances[key.Hash()]
	if found == nil {
		found = &instance{name: seriesName(key)}
		found.aside = facts.MovesByItself(known.family.name())
		e.instances[key.Hash()] = found
	}
	return found
}

// Raised returns those of the named gauges' series that are above what they were at rest.
func (e *Endpoint) Raised(gauges []string) []string {
	var found []string
	for _, name := range gauges {
		f := e.families[name]
		if f == nil {
			continue
		}
		for known := range f.entries {
			if known.live && known.value > known.rest {
				found = append(found, known.name())
			}
		}
	}
	return found
}

// SetRest remembers the gauges' values.
func (e *Endpoint) SetRest() {
	for _, known := range e.bySeries {
		if known.role == level {
			known.rest = known.value
		}
	}
}

// moved reports whether a counter's value is another one than before.
func moved(before, now float64) bool {
	return before != now && !(math.IsNaN(before) && math.IsNaN(now))
}
