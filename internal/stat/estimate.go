// Package stat answers three questions about a set of measurements: how large is the quantity, how
// sure is that, and is it below a limit.
//
// In go measurements of blocks, one number a block, in the order in which they were taken; out come
// an [Estimate] with an interval, and a [Verdict] on a limit. There is one estimator, [Of], with an
// interval for a number of blocks fixed beforehand and one that holds at every look. Package
// overhead is the caller.
package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Trim is the share of the blocks that the trimmed mean leaves out at each end.
//
// Note: the plain mean and the median lost. A neighbour on the machine strikes few blocks, and
// hard: the mean's interval then grows with every such block, and the median's is half as wide
// again when nothing strikes. Wilcox (Introduction to Robust Estimation and Hypothesis Testing, 5th
// ed., §4.3) gives the argument for a fifth.
const Trim = 0.2

// Estimate is a trimmed mean: the mean of the middle three fifths of the blocks. The zero value is
// an estimate from nothing.
type Estimate struct {
	N     int     // blocks
	Value float64 // in the unit of the measurements
	Error float64 // standard error
	DF    int     // degrees of freedom of Error; below 1 there is no interval
}

// Of estimates from the measurements of blocks. Their order does not matter here.
//
// The standard error is that of Tukey and McLaughlin (Sankhyā A 25, 1963), which Yuen (Biometrika
// 61, 1974) uses: the root of Σ(wᵢ − w̄)² ÷ h(h − 1), with wᵢ the winsorized measurements (those
// left out are put instead of the outermost that stay) and h how many stay.
func Of(blocks []float64) Estimate {
	n := len(blocks)
	e := Estimate{N: n}
	if n == 0 {
		return e
	}
	sorted := slices.Sorted(slices.Values(blocks))
	out := int(Trim * float64(n))
	kept := sorted[out : n-out]
	e.Value = mean(kept)
	e.DF = len(kept) - 1
	if e.DF < 1 {
		return e
	}
	for i := range out {
		sorted[i], sorted[n-1-i] = kept[0], kept[len(kept)-1]
	}
	e.Error = math.Sqrt(squares(sorted) / float64(len(kept)*(len(kept)-1)))
	return e
}

// At returns the interval that holds the quantity with the given confidence, say 0.95, for a number
// of blocks that was fixed before the first was looked at: Student's t with h − 1 degrees of
// freedom.
func (e Estimate) At(confidence float64) Interval {
	if e.DF < 1 {
		return Everything()
	}
	return e.around(e.Error * e.quantile(1-(1-confidence)/2))
}

// Widened returns the estimate with this many times the error: that of blocks which are not
// independent (see [Lengthened]).
func (e Estimate) Widened(times float64) Estimate {
	e.Error *= times
	return e
}

// Detectable is the smallest difference from 0 that an experiment with this error would find four
// times in five, with intervals of 95 %. It is infinite when there is no error to go by.
func (e Estimate) Detectable() float64 {
	if e.DF < 1 {
		return math.Inf(1)
	}
	return e.Error * (e.quantile(0.975) + e.quantile(0.8))
}

func (e Estimate) quantile(p float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(e.DF)}.Quantile(p)
}

func (e Estimate) around(radius float64) Interval {
	return Interval{e.Value - radius, e.Value + radius}
}

func mean(xs []float64) float64 { return stat.Mean(xs, nil) }

// squares sums the squared distances from the mean.
func squares(xs []float64) float64 { return float64(len(xs)) * stat.MomentAbout(2, xs, mean(xs), nil) }
