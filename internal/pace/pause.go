package pace

import (
	"fmt"
	"time"
)

// Pause is a stretch without hits.
type Pause struct{ Duration time.Duration }

// Hits returns 0.
func (Pause) Hits() uint64 { return 0 }

// Length returns Duration.
func (p Pause) Length() time.Duration { return p.Duration }

// At returns 0: there is no hit.
func (Pause) At(uint64) time.Duration { return 0 }

// Peak returns 0.
func (Pause) Peak() Rate { return 0 }

// String returns "Pause{5s}".
func (p Pause) String() string { return fmt.Sprintf("Pause{%s}", p.Duration) }
