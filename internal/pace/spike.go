package pace

import "time"

// NewSpike goes from a base rate to a peak and back: the rise and the fall take rise each, the peak
// is held, and what the duration leaves (it must be 2·rise + hold or more) is spent at the base
// rate, half of it before and half after.
//
//	rate |      ___
//	     |     /   \
//	     |____/     \____
//	     +---------------- t
func NewSpike(base, peak Rate, rise, hold, d time.Duration) Schedule {
	rest := d - 2*rise - hold
	var stages []Stage
	add := func(s Stage) {
		if s.Length() > 0 {
			stages = append(stages, s)
		}
	}
	add(level(base, rest/2))
	add(Ramp{From: base, To: peak, Duration: rise})
	add(Constant{Rate: peak, Duration: hold})
	add(Ramp{From: peak, To: base, Duration: rise})
	add(level(base, rest-rest/2))
	return NewSchedule(stages...)
}

// level is a constant rate, which may be none.
func level(r Rate, d time.Duration) Stage {
	if r == 0 {
		return Pause{d}
	}
	return Constant{Rate: r, Duration: d}
}
