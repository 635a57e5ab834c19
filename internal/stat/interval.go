package stat

import "math"

// Interval is a range of values that a quantity may have, its ends included.
type Interval struct {
	Low, High float64
}

// Everything is the interval of which nothing is known.
func Everything() Interval { return Interval{math.Inf(-1), math.Inf(1)} }

// Contains reports whether v is in the interval.
func (i Interval) Contains(v float64) bool { return i.Low <= v && v <= i.High }

// Half returns half the interval's width.
func (i Interval) Half() float64 { return (i.High - i.Low) / 2 }

// Map returns the interval of f(x), for an f that grows.
func (i Interval) Map(f func(float64) float64) Interval { return Interval{f(i.Low), f(i.High)} }

// Answer is what an interval says of a limit.
type Answer string

// The answers. There is no "no difference": an interval that has the limit inside says nothing yet.
const (
	Below   Answer = "below"   // all of the interval is
	Above   Answer = "above"   // all of the interval is
	Unclear Answer = "unclear" // the limit is inside
)

// Against returns the answer for a limit.
func (i Interval) Against(limit float64) Answer {
	switch {
	case i.High < limit:
		return Below
	case i.Low > limit:
		return Above
	default:
		return Unclear
	}
}

// Within returns the answer for a band around 0: below when the interval is inside it, above when
// it is wholly outside.
func (i Interval) Within(band float64) Answer {
	switch {
	case -band < i.Low && i.High < band:
		return Below
	case i.Low > band, i.High < -band:
		return Above
	default:
		return Unclear
	}
}
