package pace

import (
	"fmt"
	"math"
	"time"
)

// Max is a closed loop: each connection sends its next hit as soon as it has the reply to the last,
// until Duration is over or Limit hits were sent. Its hits have no due time of their own, and their
// number is known only afterwards; it must be the last stage.
type Max struct {
	Duration time.Duration
	Limit    uint64 // 0 for none
}

// Unbounded is the number of hits of a closed loop without a limit: more than can be sent.
const Unbounded = math.MaxUint64 >> 1

// Hits returns the limit, or Unbounded.
func (m Max) Hits() uint64 {
	if m.Limit > 0 {
		return m.Limit
	}
	return Unbounded
}

// Length returns Duration.
func (m Max) Length() time.Duration { return m.Duration }

// At returns 0: every hit may be sent from the start.
func (Max) At(uint64) time.Duration { return 0 }

// Peak returns 0: there is no planned rate.
func (Max) Peak() Rate { return 0 }

// String returns "Max{5s}".
func (m Max) String() string { return fmt.Sprintf("Max{%s}", m.Duration) }
