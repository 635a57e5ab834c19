package pace

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// Ramp goes from one rate to another in a straight line. Hit n is due at the first nanosecond t at
// which the hits expected by then,
//
//	H(t) = from·t + (to − from)·t² ÷ (2·duration),
//
// are n or more. It is computed exactly: a float64 only says where to look.
//
//	rate |       ,'
//	     |   ,'
//	     |,'
//	     +----------- t
type Ramp struct {
	From, To Rate
	Duration time.Duration
}

// Hits returns how many hits are due before Duration is over: ⌈(from + to) ÷ 2 × duration⌉.
func (r Ramp) Hits() uint64 {
	high, low := bits.Mul64(uint64(r.From+r.To), uint64(r.Duration))
	low, carry := bits.Add64(low, 2*unit-1, 0)
	hits, _ := bits.Div64(high+carry, low, 2*unit)
	return hits
}

// Length returns Duration.
func (r Ramp) Length() time.Duration { return r.Duration }

// At returns when hit n is due.
func (r Ramp) At(n uint64) time.Duration {
	// H(t) ≥ n, times 2·duration·unit on both sides, and the falling part moved to the right so
	// that nothing is negative.
	want := product(2*unit, n, uint64(r.Duration))
	return firstAt(r.guess(n), r.Duration, func(t time.Duration) bool {
		have := product(2*uint64(r.From), uint64(r.Duration), uint64(t))
		if r.To >= r.From {
			return have.plus(product(uint64(r.To-r.From), uint64(t), uint64(t))).compare(want) >= 0
		}
		return have.compare(want.plus(product(uint64(r.From-r.To), uint64(t), uint64(t)))) >= 0
	})
}

// guess solves H(t) = n in float64, in the form that does not cancel.
func (r Ramp) guess(n uint64) float64 {
	from, slope := float64(r.From)/float64(unit), (float64(r.To)-float64(r.From))/float64(unit)/float64(r.Duration)
	if n == 0 {
		return 0
	}
	return 2 * float64(n) / (from + math.Sqrt(max(0, from*from+2*slope*float64(n))))
}

// Peak returns the higher of the two rates.
func (r Ramp) Peak() Rate { return max(r.From, r.To) }

// String returns "Ramp{10/s to 500/s}".
func (r Ramp) String() string { return fmt.Sprintf("Ramp{%s to %s}", r.From, r.To) }
