package scrape

import (
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
)

// clockSkew is how far the target's clock may lag behind ours.
const clockSkew = 10 * time.Second

// starts compares the start times of processes with those of the scrape before. A later start time
// is a restart. One that went back belongs to another process, and so does one that is much older
// than the scrape before.
func (e *Endpoint) starts() (restarted bool) {
	now := map[*evidence.Series]float64{}
	for _, x := range e.samples {
		if x.entry.start {
			now[x.entry.series] = x.value
		}
	}
	before := e.processes
	if len(now) > 0 {
		e.processes = now
	}
	e.same = len(now) > 0
	for series, value := range now {
		was, known := before[series]
		if !known && len(before) == 1 && len(now) == 1 { // the only process, under another label
			for _, was = range before {
				known = true
			}
		}
		e.same = e.same && known && was == value
		e.earlier = e.earlier || known && value < was
		switch {
		case !known || math.Abs(value-was) <= facts.StartJitter:
		case value < was, time.UnixMilli(int64(value * 1000)).Before(e.last.Add(-clockSkew)):
			e.turn = true
		default:
			e.restarts = append(e.restarts, restart{of: e.process(series, len(now)),
				at: e.between(int64(value * 1000))})
			restarted = true
		}
	}
	return restarted && !e.turn
}

// process returns the labels that a process's own series have, when the endpoint has several
// processes.
func (e *Endpoint) process(start *evidence.Series, of int) labels.Labels {
	if of == 1 {
		return labels.EmptyLabels()
	}
	return start.Labels().MatchLabels(false, model.MetricNameLabel)
}

// between returns a time after the scrape before and before this one, t if it is. The target's
// clock need not be ours. A baseline between the two scrapes comes before it: what began anew must
// be seen in the run.
func (e *Endpoint) between(t int64) time.Time {
	after := e.last
	if e.runFrom.After(after) && e.runFrom.Before(e.at) {
		after = e.runFrom
	}
	if at := time.UnixMilli(t); at.After(after) && at.Before(e.at) {
		return at
	}
	return after.Add(time.Millisecond)
}

// began returns when the process of a series last started anew, or the zero time.
func (e *Endpoint) began(series *evidence.Series) time.Time {
	var at time.Time
	for _, r := range e.restarts {
		if within(r.of, series.Labels()) {
			at = r.at
		}
	}
	return at
}

// within reports whether a series has all the labels.
func within(some, all labels.Labels) bool {
	has := true
	some.Range(func(l labels.Label) { has = has && all.Get(l.Name) == l.Value })
	return has
}

// fall takes in how a counter moved without a known restart. Where no start time is exposed, a
// counter that returned twice, at once, to where it was before a fall shows that several processes
// answer.
func (e *Endpoint) fall(x *sample) {
	known, value := x.entry, x.count()
	switch {
	case value < known.value:
		e.fell = true
		known.top, known.low = known.value, value
	case value >= known.top && known.value < known.top && value-known.value > (known.top-known.low)/2:
		known.returns++
		e.turn = e.turn || len(e.processes) == 0 && known.returns >= 2
	}
}
