package pace

import (
	"fmt"
	"math"
	"time"
)

// Sine swings about a mean rate by an amplitude that is not above it, beginning at the mean and
// rising. Hit n is due at the first nanosecond t at which the hits expected by then,
//
//	H(t) = mean·t + amplitude·period ÷ 2π · (1 − cos(2π·t ÷ period)),
//
// are n or more. Whole periods are left out of the cosine, so that float64 stays good to a
// nanosecond over days.
//
//	rate |  ,-.        ,-.
//	     | /   \      /
//	     |      \   /
//	     |       `-'
//	     +----------------- t
type Sine struct {
	Mean, Amplitude Rate
	Period          time.Duration
	Duration        time.Duration
}

// expected returns H(t).
func (s Sine) expected(t time.Duration) float64 {
	into := float64(t%s.Period) / float64(s.Period)
	swing := float64(s.Amplitude) / float64(unit) * float64(s.Period) / (2 * math.Pi) * (1 - math.Cos(2*math.Pi*into))
	return float64(s.Mean)/float64(unit)*float64(t) + swing
}

// Hits returns how many hits are due before Duration is over: ⌈H(duration)⌉.
func (s Sine) Hits() uint64 { return uint64(math.Ceil(s.expected(s.Duration))) }

// Length returns Duration.
func (s Sine) Length() time.Duration { return s.Duration }

// At returns when hit n is due.
func (s Sine) At(n uint64) time.Duration {
	// Four steps of Newton's method from where a constant rate would be; firstAt finds the rest of
	// the way.
	guess := float64(n) * float64(unit) / float64(s.Mean)
	for range 4 {
		t := min(max(guess, 0), float64(s.Duration))
		slope := (float64(s.Mean) + float64(s.Amplitude)*math.Sin(2*math.Pi*t/float64(s.Period))) / float64(unit)
		if slope <= 0 {
			break
		}
		guess = t - (s.expected(time.Duration(t))-float64(n))/slope
	}
	return firstAt(guess, s.Duration, func(t time.Duration) bool { return s.expected(t) >= float64(n) })
}

// Peak returns the mean and the amplitude together.
func (s Sine) Peak() Rate { return s.Mean + s.Amplitude }

// String returns "Sine{100/s ± 50/s every 10s}".
func (s Sine) String() string {
	return fmt.Sprintf("Sine{%s ± %s every %s}", s.Mean, s.Amplitude, s.Period)
}
