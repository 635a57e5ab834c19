package rounds

import (
	"context"
	"slices"
	"time"

	"brrtload/internal/scrape"
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
	Others []scrape.Movement
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
	l.each((*scrape.Endpoint).Track)
	l.each(func(e *scrape.Endpoint) { e.Learn(true) })
	q, err := l.settle(ctx, atMost, scrape.Still, nil, true)
	l.each(func(e *scrape.Endpoint) { e.Learn(false) })
	if err == nil && len(q.Exempt) > 0 {
		q, err = l.confirm(ctx, q)
	}
	if err == nil && q.Err == nil && !q.Quiet {
		q, err = l.watch(ctx, q, deadline)
	}
	l.each((*scrape.Endpoint).SetRest)
	q.Others = l.others(true)
	return q, err
}

// confirm looks again and again, at once: what was found to move by being looked at must go on
// doing so. What does not was moved by time, or by other callers' requests, and the endpoints are
// not quiet.
func (l *Loop) confirm(ctx context.Context, before Quietness) (Quietness, error) {
	var round Round
	var err error
	l.each((*scrape.Endpoint).Look)
	for range scrape.Looks {
		round, err = l.Now(ctx, "")
		if ctx.Err() != nil {
			return before, context.Cause(ctx)
		}
		if err != nil {
			break
		}
		l.each((*scrape.Endpoint).Looked)
	}
	l.each((*scrape.Endpoint).Confirm)
	q := l.quietness(round, nil)
	q.Err = err
	q.Quiet = before.Quiet && err == nil && len(q.Moving) == 0
	return q, nil
}

// each changes the endpoints between scrapes.
func (l *Loop) each(change func(*scrape.Endpoint)) {
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
	l.each((*scrape.Endpoint).Track)
	q, err := l.settle(ctx, atMost, max(scrape.Still, apart), gauges, false)
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
		l.each((*scrape.Endpoint).Snap)
		q := l.quietness(round, gauges)
		q.Quiet = q.Quiet && q.Rested >= apart && round.At.Sub(first) >= min(apart, atMost)
		if q.Err = err; err != nil {
			q.Quiet = false
		} else {
			readable = time.Now()
		}
		hopeless := before && scrape.Refused(err) || time.Since(readable) >= unreadable
		if q.Quiet || hopeless || !time.Now().Before(deadline) {
			return q, nil
		}
		select {
		case <-ctx.Done():
			return q, context.Cause(ctx)
		case <-time.After(scrape.Still):
		}
	}
}

func (l *Loop) quietness(round Round, gauges []string) Quietness {
	<-l.turn
	defer l.pass()
	q := Quietness{At: round.At}
	var since time.Time // the least quiet endpoint has been so
	for _, e := range l.endpoints {
		if s := e.StillSince(); s.After(since) {
			since = s
		}
		q.Moving = append(append(q.Moving, e.Moving()...), e.Raised(gauges)...)
		q.Exempt = append(q.Exempt, e.MovedByLooking()...)
	}
	q.Rested = round.At.Sub(since)
	q.Quiet = len(q.Moving) == 0 && q.Rested >= scrape.Still
	q.Moving, q.Exempt = few(q.Moving), few(q.Exempt)
	return q
}

// maxNamed bounds the series that are named.
const maxNamed = 10

// few sorts names and keeps the first ones.
func few(names []string) []string {
	slices.Sort(names)
	return names[:min(len(names), maxNamed)]
}
