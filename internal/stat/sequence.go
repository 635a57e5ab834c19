package stat

import "math"

// MinLook is the fewest blocks at which a sequence may be looked at.
const MinLook = 8

// spent is how many times smaller than the nominal α the sequence's own is. The theorem is about
// many blocks; at eight, and with skewed noise, it errs too often, and simulation shows that with a
// quarter it errs in at most half the cases that the confidence allows.
const spent = 4

// tuned is the number of blocks at which the sequence is narrowest.
const tuned = 40

// Always returns the interval that holds the quantity with the given confidence at every look, when
// it is looked at after each block from the eighth on: one may stop as soon as it decides.
//
// It is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
// (Annals of Statistics 52, 2024, theorem 2.2), which they show to hold for asymptotically linear
// estimators; the trimmed mean is one, and its standard error here is that of [Of]. With α = (1 −
// confidence) ÷ 4 and a tuning ρ² chosen so that it is narrowest at n = 40 (their equation for ρ),
// the radius is
//
//	error · √( 2(nρ² + 1) ÷ (nρ²) · ln( √(nρ² + 1) ÷ α ) )
//
// and is widened by the ratio of Student's to the normal quantile at the same tail, because the
// error itself is uncertain when blocks are few: the theorem is about many. The tests simulate
// both.
func (e Estimate) Always(confidence float64) Interval {
	if e.N < MinLook || e.DF < 1 {
		return Everything()
	}
	alpha := (1 - confidence) / spent
	z := normalRadius(float64(e.N), alpha)
	tail := math.Erfc(z/math.Sqrt2) / 2 // of the normal distribution beyond z
	return e.around(e.Error * e.quantile(1-tail))
}

// normalRadius is the radius of the sequence in standard errors.
func normalRadius(n, alpha float64) float64 {
	rho2 := (-2*math.Log(alpha) + math.Log(-2*math.Log(alpha)+1)) / tuned
	v := n*rho2 + 1
	return math.Sqrt(2 * v / (n * rho2) * math.Log(math.Sqrt(v)/alpha))
}
