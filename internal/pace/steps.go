package pace

import "time"

// NewSteps goes from one rate to another in n ≥ 2 equal steps, each a Constant for an equal share
// of the duration.
//
//	rate |        ----
//	     |    ----
//	     |----
//	     +------------ t
func NewSteps(from, to Rate, n int, d time.Duration) Schedule {
	stages := make([]Stage, n)
	begun := time.Duration(0)
	for i := range stages {
		end := share(d, i+1, n)
		rate := float64(from) + (float64(to)-float64(from))*float64(i)/float64(n-1)
		stages[i] = Constant{Rate: Rate(rate + 0.5), Duration: end - begun}
		begun = end
	}
	return NewSchedule(stages...)
}

// share returns i/n of d, rounded down, so that the shares of all i add up to d.
func share(d time.Duration, i, n int) time.Duration {
	return d/time.Duration(n)*time.Duration(i) + d%time.Duration(n)*time.Duration(i)/time.Duration(n)
}
