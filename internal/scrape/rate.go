package scrape

import (
	"math"
	"time"
)

// How steady rates are told from the scrapes before a run: by the last so many intervals, and at
// least so many.
const (
	mostIntervals  = 10
	leastIntervals = 4
)

// rateOf returns at which rate a counter moved, and whether it was the same in all intervals: in
// most it moved, and by no more or less than chance makes of the mean, or within a factor of two.
// The step is how much more the intervals differ than those of a Poisson process: the index of
// dispersion.
func rateOf(at []time.Time, values []float64) (m Movement, steady bool) {
	n := len(at) - 1
	m.Watched = at[n].Sub(at[0])
	if n < leastIntervals || m.Watched <= 0 {
		return m, false
	}
	m.Rate = (values[n] - values[0]) / m.Watched.Seconds()
	byChance, zeros := true, 0
	least, most, dispersion := math.Inf(1), 0.0, 0.0
	for i := range n {
		length, d := at[i+1].Sub(at[i]).Seconds(), values[i+1]-values[i]
		if d < 0 || length <= 0 || m.Rate <= 0 {
			return m, false
		}
		if d == 0 {
			zeros++
		}
		expected := m.Rate * length
		byChance = byChance && math.Abs(d-expected) <= spread*math.Sqrt(expected)+1
		dispersion += (d - expected) * (d - expected) / expected / float64(n-1)
		least, most = min(least, d/length), max(most, d/length)
	}
	m.Step, m.Steady = max(1, dispersion), 2*zeros <= n && (byChance || most <= 2*least)
	return m, m.Steady
}
