package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Lag1 returns the correlation of each block with the one before it, corrected for the bias that
// few blocks give it (−(1 + 4ρ) ÷ n; Marriott and Pope, Biometrika 41, 1954). It is 0 for fewer
// than 4 blocks, and for blocks that are all alike.
func Lag1(blocks []float64) float64 {
	n := len(blocks)
	all := squares(blocks)
	if n < 4 || all == 0 {
		return 0
	}
	m, sum := mean(blocks), 0.0
	for i := 1; i < n; i++ {
		sum += (blocks[i] - m) * (blocks[i-1] - m)
	}
	rho := sum / all
	return min(rho+(1+4*rho)/float64(n), 1)
}

// MaxLag1 is the most correlation between neighbouring blocks with which an interval covers what it
// says.
const MaxLag1 = 0.1

// mostLag1 bounds the correlation that an interval is widened for; with more, blocks are never
// enough.
const mostLag1 = 0.9

// Lengthened tells what became of blocks whose neighbours resemble each other.
type Lengthened struct {
	Factor int     // neighbours that were put together into one
	Lag1   float64 // of what there is now
	// times what an interval of what there is now must be wider than one of independent blocks; at
	// least 1
	Widen  float64
	Enough bool // that what there is now tells anything
}

// Independent puts neighbouring blocks together, by twos, until their correlation is at most
// [MaxLag1] or only [MinLook] would be left: the method of batch means (Law and Carson, Operations
// Research 27, 1979). A rest of blocks that fills no batch is left out at the beginning.
//
// A correlation ρ that stays above MaxLag1 widens the interval by √((1 + ρ) ÷ (1 − ρ)), by which
// the error of a mean grows when each measurement resembles the one before it so much (Bartlett,
// Journal of the Royal Statistical Society 98, 1935, of autoregression). When it is above what
// chance gives one time in a hundred, it is not enough.
//
// Note: to go by chance alone, and not widen, lost. Few blocks show a correlation of 0.1 or 0.3 by
// chance as often as not; the intervals of 8 blocks with a true one of 0.3 covered 86 %, and 91 %
// so, and every twelfth experiment whose blocks were independent was refused.
func Independent(blocks []float64) Lengthened {
	l := Lengthened{Factor: 1, Lag1: Lag1(blocks), Widen: 1}
	now := blocks
	for l.Lag1 > MaxLag1 && len(now)/2 >= MinLook {
		l.Factor *= 2
		now = Batches(blocks, l.Factor)
		l.Lag1 = Lag1(now)
	}
	if l.Lag1 > MaxLag1 {
		rho := min(l.Lag1, mostLag1)
		l.Widen = math.Sqrt((1 + rho) / (1 - rho))
	}
	const once = 2.33 // normal quantile of 99 in a hundred
	l.Enough = l.Lag1 <= min(MaxLag1+once/math.Sqrt(float64(len(now))), mostLag1)
	return l
}

// Batches returns the means of k neighbouring blocks each.
func Batches(blocks []float64, k int) []float64 {
	blocks = blocks[len(blocks)%k:]
	batches := make([]float64, 0, len(blocks)/k)
	for batch := range slices.Chunk(blocks, k) {
		batches = append(batches, mean(batch))
	}
	return batches
}

// Drift returns how likely blocks that do not change with time would show a trend as clear as this
// one: Spearman's rank correlation with their number, and Student's t for its distribution. It is 1
// for fewer than 8 blocks.
func Drift(blocks []float64) float64 {
	n := len(blocks)
	if n < MinLook {
		return 1
	}
	times := make([]float64, n)
	for i := range times {
		times[i] = float64(i)
	}
	rho := stat.Correlation(times, ranks(blocks), nil)
	if math.IsNaN(rho) { // all alike
		return 1
	}
	if rho*rho >= 1 {
		return 0
	}
	t := math.Abs(rho) * math.Sqrt(float64(n-2)/(1-rho*rho))
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 2)}.Survival(t)
}

// ranks returns each block's place in the order of size; blocks of the same size share the middle
// one.
func ranks(blocks []float64) []float64 {
	sorted := slices.Sorted(slices.Values(blocks))
	ranks := make([]float64, len(blocks))
	for i, x := range blocks {
		first, _ := slices.BinarySearch(sorted, x)
		after := first
		for after < len(sorted) && sorted[after] == x {
			after++
		}
		ranks[i] = float64(first+after-1) / 2
	}
	return ranks
}

// Between returns how likely groups that do not differ would be as far apart as these, by the F
// test of an analysis of variance in one way (Fisher, Statistical Methods for Research Workers,
// 1925). Groups are the blocks of one start of the processes each. It is 1 when there are not two
// groups, or no group has two blocks.
func Between(groups [][]float64) float64 {
	var all []float64
	within := 0.0
	for _, g := range groups {
		all = append(all, g...)
		if len(g) > 0 {
			within += squares(g)
		}
	}
	k, n := len(groups), len(all)
	if k < 2 || n <= k || within == 0 {
		return 1
	}
	f := (squares(all) - within) / float64(k-1) / (within / float64(n-k))
	return distuv.F{D1: float64(k - 1), D2: float64(n - k)}.Survival(f)
}
