// Package capacity finds the rate at which a service's budgets break.
//
// In goes a function that probes one rate; out comes a [reports.Capacity]: the knee with its
// interval, what broke first, and every probe. The search is a pure function of the probes so far.
// Package internal/run carries out what a probe is, with a target and a load.
package capacity

import (
	"cmp"
	"math"
	"slices"
)

// Standing is what a probe showed of a rate.
type Standing int

// The standings.
const (
	Holds     Standing = iota // every budget held
	Breaks                    // a budget did not, or the service died
	Undecided                 // a budget had too few observations
	Unclear                   // the generator, or the machine, was not fit for the rate
)

// Probe is a rate, in hits per second, with what it showed.
type Probe struct {
	Rate     float64
	Standing Standing
}

// Search is where the knee is sought, and how closely.
type Search struct {
	Min, Max  float64 // hits per second
	Precision float64 // the search ends when the knee lies between two rates that differ by this share
	Most      int     // probes
}

// growth is by which factor rates grow until the first that does not hold.
const growth = 2

// tally is what all probes of one rate showed.
type tally struct {
	rate float64
	n    [4]int // by standing
}

// standing is what most of the clear probes showed, and what hindered them when there is none. On a
// tie the rate breaks: it does not hold for sure.
func (t tally) standing() Standing {
	switch {
	case t.n[Holds] > t.n[Breaks]:
		return Holds
	case t.n[Breaks] > 0:
		return Breaks
	case t.n[Unclear] > 0:
		return Unclear
	}
	return Undecided
}

// sure reports whether no further probe of the rate is wanted: two clear ones agree, or three were
// made.
func (t tally) sure() bool {
	s, all := t.standing(), 0
	for _, n := range t.n {
		all += n
	}
	return s != Undecided && t.n[s] >= 2 || all >= 3
}

// Between returns the highest rate that holds, below the lowest that breaks, 0 when none holds; and
// that one, infinite when none breaks. Where no rate breaks, the lowest that is unclear or undecided
// beyond all that hold stands in its place. What is so between the two is not known to hold or to
// break.
func Between(done []Probe) (low, high float64, top Standing) {
	high, top = math.Inf(1), Holds
	for _, t := range tallies(done) {
		switch t.standing() {
		case Holds:
			low, high, top = t.rate, math.Inf(1), Holds
		case Unclear, Undecided:
			if top == Holds {
				high, top = t.rate, t.standing()
			}
		case Breaks:
			return low, t.rate, Breaks
		}
	}
	return low, high, top
}

// Next returns the rate to probe next, and false when there is nothing more to find out. It is a
// pure function of the probes so far.
//
// Rates double from Min until one does not hold; between that and the last that held they are halved
// by their ratio. One that is undecided is probed again, longer. In the end both rates are probed
// again: no verdict rests on one probe.
func (s Search) Next(done []Probe) (rate float64, more bool) {
	if len(done) >= s.Most {
		return 0, false
	}
	if len(done) == 0 {
		return s.Min, true
	}
	low, high, _ := Between(done)
	all := tallies(done)
	for _, t := range all {
		if t.standing() == Undecided && !t.sure() {
			return t.rate, true
		}
	}
	switch {
	case low == 0: // not even the lowest rate holds
		return s.again(all, high)
	case math.IsInf(high, 1) && low >= s.Max:
		return s.again(all, low)
	case math.IsInf(high, 1):
		return min(low*growth, s.Max), true
	}
	for _, gap := range gaps(all, low, high) {
		if gap[1]/gap[0] > 1+s.Precision {
			return math.Sqrt(gap[0] * gap[1]), true
		}
	}
	for _, t := range all { // what is unclear may be clear the next time
		if t.rate > low && t.rate < high && !t.sure() {
			return t.rate, true
		}
	}
	if rate, more := s.again(all, low); more {
		return rate, true
	}
	return s.again(all, high)
}

// gaps returns where the rate between hold and break is still sought: up to the first that is unclear,
// and from the last that is.
func gaps(all []tally, low, high float64) [][2]float64 {
	var unclear []float64
	for _, t := range all {
		if t.rate > low && t.rate < high {
			unclear = append(unclear, t.rate)
		}
	}
	if unclear == nil {
		return [][2]float64{{low, high}}
	}
	return [][2]float64{{low, unclear[0]}, {unclear[len(unclear)-1], high}}
}

// again asks for another probe of a rate that is not sure.
func (s Search) again(all []tally, rate float64) (float64, bool) {
	for _, t := range all {
		if t.rate == rate {
			return rate, !t.sure()
		}
	}
	return 0, false
}

// tallies sums the probes up by rate, in order.
func tallies(done []Probe) (list []tally) {
	for _, p := range done {
		i := slices.IndexFunc(list, func(t tally) bool { return t.rate == p.Rate })
		if i < 0 {
			list = append(list, tally{rate: p.Rate})
			i = len(list) - 1
		}
		list[i].n[p.Standing]++
	}
	slices.SortFunc(list, func(a, b tally) int { return cmp.Compare(a.rate, b.rate) })
	return list
}
