package scrape

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/facts"
)

// still is how long no counter may have moved for an endpoint to be quiet.
const still = 200 * time.Millisecond

// habit is in how many scrapes running a counter must move, with nothing sent, to be taken for one
// that being looked at moves.
const habit = 3

// looks is how many scrapes then follow each other at once, and byLooking which share of its mean
// step such a counter must take in them, on average. One that time moves, or other callers'
// requests, takes next to none in so short a time; one that is an estimate takes steps of very
// different lengths.
const (
	looks     = 5
	byLooking = 0.25
)

// unreadable is how long an endpoint may fail before it is no longer waited for.
const unreadable = 5 * time.Second

// Quietness is whether the endpoints came to rest.
type Quietness struct {
	Quiet bool
	At    time.Time // the scrape that showed it, or the last one
	// Moving are the counters that moved last, and the gauges above what they were at rest: the
	// first few, sorted.
	Moving []string
	// Exempt are the counters that each scrape moves, found while at rest. They are left out of the
	// question.
	Exempt []string
	// Others are the series of counters that moved all the same, since the waiting began or, after
	// the load, in the last of it.
	Others []Movement
	// Rested is for how long no counter had moved by then, as far as was seen.
	Rested time.Duration
	// Err is why the last scrape failed, if it did.
	Err error
}

// Rest waits until the endpoints are quiet before any load, at most as long as given, and learns
// what quiet looks like: the gauges' values, and which counters move just by being looked at. Where
// something else moves counters at a steady rate it learns that rate and waits no longer: see
// [Quietness.Others]. An error means that ctx ended.
func (l *Loop) Rest(ctx context.Context, atMost time.Duration) (Quietness, error) {
	deadline := time.Now().Add(atMost)
	l.each((*Endpoint).track)
	l.each(func(e *Endpoint) { e.learning = true })
	q, err := l.settle(ctx, atMost, still, nil, true)
	l.each(func(e *Endpoint) { e.learning = false })
	if err == nil && len(q.Exempt) > 0 {
		q, err = l.confirm(ctx, q)
	}
	if err == nil && q.Err == nil && !q.Quiet {
		q, err = l.watch(ctx, q, deadline)
	}
	l.each((*Endpoint).setRest)
	q.Others = l.others(true)
	return q, err
}

// confirm looks again and again, at once: what was found to move by being looked at must go on
// doing so. What does not was moved by time, or by other callers' requests, and the endpoints are
// not quiet.
func (l *Loop) confirm(ctx context.Context, before Quietness) (Quietness, error) {
	var round Round
	var err error
	l.each((*Endpoint).look)
	for range looks {
		round, err = l.Now(ctx, "")
		if ctx.Err() != nil {
			return before, context.Cause(ctx)
		}
		if err != nil {
			break
		}
		l.each((*Endpoint).looked)
	}
	l.each((*Endpoint).confirm)
	q := l.quietness(round, nil)
	q.Err = err
	q.Quiet = before.Quiet && err == nil && len(q.Moving) == 0
	return q, nil
}

// look begins to count the steps that are taken in looks.
func (e *Endpoint) look() {
	e.lookedFrom = e.last
	e.usually = still
	if n := e.round - e.markedRound; len(e.marks) > 0 && n > 0 {
		e.usually = e.last.Sub(e.marks[0]) / time.Duration(n)
	}
	for _, i := range e.instances {
		if i.learned {
			i.usual, i.seen = (i.travel+i.step)/float64(i.moves), 0
		}
	}
}

func (e *Endpoint) looked() {
	for _, i := range e.instances {
		if i.moved == e.round {
			i.seen += i.step
		}
	}
}

// confirm returns up what time explains: in so short a time it would have taken next to no steps.
// Where scrapes take long, time explains some of them.
func (e *Endpoint) confirm() {
	explained := min(1, e.last.Sub(e.lookedFrom).Seconds()/(looks*max(e.usually, time.Millisecond).Seconds()))
	for _, i := range e.instances {
		if i.learned && i.seen < (byLooking+(1-byLooking)*explained)*i.usual*looks {
			i.learned = false
			e.moving = append(e.moving, i)
		}
	}
}

// each changes the endpoints between scrapes.
func (l *Loop) each(change func(*Endpoint)) {
	<-l.turn
	defer l.pass()
	for _, e := range l.endpoints {
		change(e)
	}
}

// Quiet waits until scrapes that are so far apart, and at least 200 ms, show the same counts, and
// the named gauges are not above what they were at rest; at most as long as given, and not for an
// endpoint that cannot be read any more. What moved steadily before the load is not waited for. An
// error means that ctx ended.
func (l *Loop) Quiet(ctx context.Context, atMost, apart time.Duration, gauges ...string) (Quietness, error) {
	l.each((*Endpoint).track)
	q, err := l.settle(ctx, atMost, max(still, apart), gauges, false)
	if err == nil && !q.Quiet {
		q.Others = l.others(false)
	}
	return q, err
}

// settle scrapes until there is nothing to wait for any longer. Before the load that is also an
// endpoint that will not have us; afterwards it gets the time that an unreadable one gets, for the
// sake of what was measured.
func (l *Loop) settle(ctx context.Context, atMost, apart time.Duration, gauges []string,
	before bool) (Quietness, error) {
	deadline, readable := time.Now().Add(atMost), time.Now()
	var first time.Time // the first scrape of these
	for {
		round, err := l.Now(ctx, "")
		if ctx.Err() != nil {
			return Quietness{}, context.Cause(ctx)
		}
		if first.IsZero() {
			first = round.At
		}
		l.each((*Endpoint).snap)
		q := l.quietness(round, gauges)
		q.Quiet = q.Quiet && q.Rested >= apart && round.At.Sub(first) >= min(apart, atMost)
		if q.Err = err; err != nil {
			q.Quiet = false
		} else {
			readable = time.Now()
		}
		var refused refusal
		hopeless := before && errors.As(err, &refused) || time.Since(readable) >= unreadable
		if q.Quiet || hopeless || !time.Now().Before(deadline) {
			return q, nil
		}
		select {
		case <-ctx.Done():
			return q, context.Cause(ctx)
		case <-time.After(still):
		}
	}
}

func (l *Loop) quietness(round Round, gauges []string) Quietness {
	<-l.turn
	defer l.pass()
	q := Quietness{At: round.At}
	var since time.Time // the least quiet endpoint has been so
	for _, e := range l.endpoints {
		if e.stillSince.After(since) {
			since = e.stillSince
		}
		for _, i := range e.moving {
			q.Moving = append(q.Moving, i.name)
		}
		q.Moving = append(q.Moving, e.raised(gauges)...)
		for _, i := range e.instances {
			if i.learned {
				q.Exempt = append(q.Exempt, i.name)
			}
		}
	}
	q.Rested = round.At.Sub(since)
	q.Quiet = len(q.Moving) == 0 && q.Rested >= still
	q.Moving, q.Exempt = few(q.Moving), few(q.Exempt)
	return q
}

// few sorts names and keeps the first ones.
func few(names []string) []string {
	slices.Sort(names)
	return names[:min(len(names), maxNamed)]
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

// raised returns those of the named gauges' series that are above what they were at rest.
func (e *Endpoint) raised(gauges []string) []string {
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

// setRest remembers the gauges' values.
func (e *Endpoint) setRest() {
	for _, known := range e.bySeries {
		if known.role == level {
			known.rest = known.value
		}
	}
}
