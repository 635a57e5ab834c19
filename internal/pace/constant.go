package pace

import (
	"fmt"
	"math/bits"
	"time"
)

// unit is how many (millionths of a hit per second) × nanoseconds make one hit.
const unit = uint64(PerSecond) * uint64(time.Second)

// Constant is evenly spaced hits: hit n is due at n/rate, rounded down to the nanosecond, and hit 0
// at once.
//
//	rate |-----------
//	     +----------- t
type Constant struct {
	Rate     Rate
	Duration time.Duration
}

// Hits returns how many hits are due before Duration is over: ⌈rate × duration⌉.
func (c Constant) Hits() uint64 {
	high, low := bits.Mul64(uint64(c.Rate), uint64(c.Duration))
	low, carry := bits.Add64(low, unit-1, 0)
	hits, _ := bits.Div64(high+carry, low, unit)
	return hits
}

// Length returns Duration.
func (c Constant) Length() time.Duration { return c.Duration }

// At returns when hit n is due.
func (c Constant) At(n uint64) time.Duration {
	high, low := bits.Mul64(n, unit)
	at, _ := bits.Div64(high, low, uint64(c.Rate))
	return time.Duration(at)
}

// Peak returns the rate.
func (c Constant) Peak() Rate { return c.Rate }

// String returns "Constant{100/s}".
func (c Constant) String() string { return fmt.Sprintf("Constant{%s}", c.Rate) }
