package stat

import "gonum.org/v1/gonum/stat/distuv"

// Proportion returns the interval of a probability of which k of n trials came true: that of
// Clopper and Pearson (Biometrika 26, 1934), whose confidence is never below the one given. Without
// trials it is 0 to 1.
func Proportion(k, n int, confidence float64) Interval {
	tail, i := (1-confidence)/2, Interval{0, 1}
	if k > 0 {
		i.Low = distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(tail)
	}
	if k < n {
		i.High = distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(1 - tail)
	}
	return i
}
