package scrape

import (
	"math"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// stretch is how long a counter is watched at a time: its rate is steady when two stretches running
// show the same.
const stretch = 2500 * time.Millisecond

// spread is by how many standard deviations two stretches may differ and still show one rate.
const spread = 3

// fewMoves is below how many moves chance alone may double a rate.
const fewMoves = 10

// Movement is how a counter moved that the run did not move.
type Movement struct {
	Series labels.Labels // its name, and the endpoint's own labels among the others
	Rate   float64       // per second
	// Steady says that the rate was the same in two stretches running. Without it the rate says
	// nothing of later.
	Steady bool
	// Step is how far it went in each scrape that found it moved, and Watched for how long it was
	// watched: how well the rate is known.
	Step    float64
	Watched time.Duration
}

// Most returns how far the counter may go in a stretch of that length if it keeps its rate: the
// expectation and four standard deviations of a Poisson process with this step, of which the rate
// itself was estimated, and one step more.
func (m Movement) Most(length time.Duration) float64 {
	expected := m.Rate * length.Seconds()
	if m.Step <= 0 || m.Watched <= 0 {
		return expected
	}
	steps := expected / m.Step
	return expected + m.Step*(4*math.Sqrt(steps*(1+length.Seconds()/m.Watched.Seconds()))+1)
}

// Name returns the series as it is written in a query.
func (m Movement) Name() string { return seriesName(m.Series) }

// Track begins to watch the counters of the next scrapes.
func (e *Endpoint) Track() {
	e.marks = e.marks[:0]
	for _, known := range e.bySeries {
		known.moves, known.trail = 0, known.trail[:0]
	}
}

// Snap ends a stretch when the last scrape was late enough for it.
func (e *Endpoint) Snap() {
	if len(e.marks) > 0 && e.last.Sub(e.marks[len(e.marks)-1]) < stretch {
		return
	}
	e.mark()
}

// mark ends a stretch with the last scrape. The first mark is where the tracking begins.
func (e *Endpoint) mark() {
	if e.last != e.at {
		return // it could not be read
	}
	if len(e.marks) == 0 {
		e.markedRound = e.round
		for _, known := range e.bySeries {
			known.moves = 0
		}
	}
	e.marks = append(e.marks, e.last)
	for _, known := range e.bySeries {
		if known.role == cumulative && !known.instance.aside {
			if len(known.trail) < len(e.marks)-1 { // it was not there before
				known.trail = append(known.trail, make([]float64, len(e.marks)-1-len(known.trail))...)
			}
			known.trail = append(known.trail, known.value)
		}
	}
}

// Movements returns how counters moved since they have been tracked, as a whole, or in the last
// stretch and what came after.
func (e *Endpoint) Movements(whole bool) []Movement {
	var all []Movement
	for _, known := range e.bySeries {
		if !whole && known.instance.steady { // it goes on as it did before the load
			continue
		}
		if m := e.movement(known, whole); m.Rate != 0 {
			all = append(all, m)
		}
	}
	return all
}

// Steady reports whether any counter moved while two stretches were watched, and whether every one
// that did moved steadily. Nothing is steady before the last scrape has ended the second stretch.
func (e *Endpoint) Steady() (moved, steady bool) {
	if len(e.marks) < 3 || e.last != e.marks[len(e.marks)-1] {
		return false, false
	}
	for _, m := range e.Movements(true) {
		if moved = true; !m.Steady {
			return true, false
		}
	}
	return moved, true
}

// AcceptSteady leaves the counters that moved steadily out of what is waited for from now on.
func (e *Endpoint) AcceptSteady() {
	for _, known := range e.bySeries {
		if known.role == cumulative && e.movement(known, true).Steady {
			known.instance.steady = true
		}
	}
}

// movement returns how a counter moved since it has been tracked, the last two stretches when there
// are more; or, not as a whole, in the last stretch and what came after.
func (e *Endpoint) movement(known *entry, whole bool) Movement {
	n := len(e.marks)
	if known.role != cumulative || known.instance.aside || known.instance.learned || !known.live || n == 0 ||
		len(known.trail) != n {
		return Movement{}
	}
	from := 0
	if whole && n > 3 {
		from = n - 3
	} else if !whole && n > 1 {
		from = n - 2
	}
	watched := e.last.Sub(e.marks[from])
	if watched <= 0 {
		return Movement{}
	}
	m := Movement{Series: known.series.Labels(), Watched: watched,
		Rate: (known.value - known.trail[from]) / watched.Seconds()}
	if m.Rate <= 0 {
		return Movement{}
	}
	moves := float64(max(1, known.moves)) * watched.Seconds() / max(watched, e.last.Sub(e.marks[0])).Seconds()
	m.Step = m.Rate * watched.Seconds() / max(1, moves)
	if whole && n >= 3 {
		m.Steady = sameRate(
			travel{known.trail[n-2] - known.trail[n-3], e.marks[n-2].Sub(e.marks[n-3]).Seconds()},
			travel{known.value - known.trail[n-2], e.last.Sub(e.marks[n-2]).Seconds()}, m.Step, moves)
	}
	return m
}

// travel is how far a counter went in a stretch of this many seconds.
type travel struct{ distance, seconds float64 }

func (t travel) rate() float64 { return t.distance / t.seconds }

// sameRate reports whether two stretches, which need not be equally long, show one rate. Steps of
// that size are taken to come as in a Poisson process, so a rate that was measured over t seconds
// has the variance step × rate / t.
func sameRate(a, b travel, step, moves float64) bool {
	if a.distance <= 0 || b.distance <= 0 || a.seconds <= 0 || b.seconds <= 0 {
		return false
	}
	rate := (a.distance + b.distance) / (a.seconds + b.seconds)
	deviation := math.Sqrt(step * rate * (1/a.seconds + 1/b.seconds))
	return math.Abs(a.rate()-b.rate()) <= spread*deviation &&
		(moves < fewMoves || max(a.rate(), b.rate()) <= 2*min(a.rate(), b.rate()))
}
