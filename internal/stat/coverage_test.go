package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
)

// noises are what the differences of paired blocks may be like. The truth that intervals must hold
// is the trimmed mean of very many.
var noises = map[string]func(r *rand.Rand) float64{
	"normal":       func(r *rand.Rand) float64 { return r.NormFloat64() },
	"skewed":       func(r *rand.Rand) float64 { return math.Exp(0.5 * r.NormFloat64()) },
	"heavy-tailed": spiked,
}

// spiked is normal noise with one block in ten struck ten times as hard.
func spiked(r *rand.Rand) float64 {
	x := r.NormFloat64()
	if r.Float64() < 0.1 {
		x *= 10
	}
	return x
}

func draw(r *rand.Rand, noise func(*rand.Rand) float64, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = noise(r)
	}
	return xs
}

// resembling draws blocks of which each takes so much over from the one before it.
func resembling(r *rand.Rand, noise func(*rand.Rand) float64, n int, rho float64) []float64 {
	const before = 30
	xs := draw(r, noise, n+before)
	for i := 1; i < len(xs); i++ {
		xs[i] += rho * xs[i-1]
	}
	return xs[before:]
}

// estimated is what an experiment makes of blocks, and whether it claims anything.
func estimated(blocks []float64) (e Estimate, claimed bool) {
	l := Independent(blocks)
	return Of(Batches(blocks, l.Factor)).Widened(l.Widen), l.Enough
}

func TestIntervalsCoverTheTruthNineteenTimesInTwenty(t *testing.T) {
	tier.Long(t)
	const repetitions = 4000
	for name, noise := range noises {
		for _, rho := range []float64{0, MaxLag1} {
			want := Of(resembling(rand.New(rand.NewPCG(7, 7)), noise, 400_000, rho)).Value
			for _, n := range []int{8, 20, 60} {
				r := rand.New(rand.NewPCG(1, uint64(n)))
				hits, claims := 0, 0
				for range repetitions {
					e, claimed := estimated(resembling(r, noise, n, rho))
					if !claimed {
						continue
					}
					claims++
					if e.At(0.95).Contains(want) {
						hits++
					}
				}
				covered := float64(hits) / float64(claims)
				t.Logf("%s noise, %d blocks, lag-1 %.1f: %.1f %% of %d", name, n, rho, covered*100, claims)
				require.InDelta(t, 0.95, covered, 0.02, "%s noise, %d blocks, lag-1 %.1f", name, n, rho)
				require.Greater(t, claims, repetitions*97/100, "%s noise, %d blocks, lag-1 %.1f", name, n, rho)
			}
		}
	}
}

// More correlation than an interval is made for is seen more seldom, the fewer blocks there are.
// What is claimed all the same must not be far off.
func TestBlocksThatResembleEachOtherMisleadSeldom(t *testing.T) {
	tier.Long(t)
	const repetitions, rho = 4000, 0.3
	for name, noise := range noises {
		want := Of(resembling(rand.New(rand.NewPCG(7, 7)), noise, 400_000, rho)).Value
		for n, least := range map[int]float64{8: 0.89, 20: 0.91, 60: 0.92} {
			r := rand.New(rand.NewPCG(1, uint64(n)))
			hits, claims := 0, 0
			for range repetitions {
				if e, claimed := estimated(resembling(r, noise, n, rho)); claimed {
					claims++
					if e.At(0.95).Contains(want) {
						hits++
					}
				}
			}
			t.Logf("%s noise, %d blocks, lag-1 %.1f: %.1f %% of %d", name, n, rho, 100*float64(hits)/float64(claims), claims)
			require.Greater(t, float64(hits)/float64(claims), least, "%s noise, %d blocks", name, n)
		}
	}
}

func TestLookingAfterEveryBlockSeldomFindsWhatIsNotThere(t *testing.T) {
	tier.Long(t)
	const repetitions, most = 1000, 60
	for name, noise := range noises {
		want := Of(draw(rand.New(rand.NewPCG(7, 7)), noise, 400_000)).Value
		r := rand.New(rand.NewPCG(2, 2))
		wrong, naive := 0, 0
		for range repetitions {
			xs := draw(r, noise, most)
			looks := func(interval func(Estimate) Interval) int {
				for n := MinLook; n <= most; n++ {
					if !interval(Of(xs[:n])).Contains(want) {
						return 1
					}
				}
				return 0
			}
			wrong += looks(func(e Estimate) Interval { return e.Always(0.95) })
			if name == "normal" {
				naive += looks(func(e Estimate) Interval { return e.At(0.95) })
			}
		}
		t.Logf("%s noise: %d of %d wrong, by fixed-n intervals %d", name, wrong, repetitions, naive)
		require.LessOrEqual(t, float64(wrong)/repetitions, 0.025, "%s noise", name)
	}
}

func TestBlocksLengthenWhereNeighboursResembleEachOther(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	xs := make([]float64, 240)
	for i := 1; i < len(xs); i++ {
		xs[i] = 0.6*xs[i-1] + r.NormFloat64()
	}
	l := Independent(xs)
	require.Greater(t, Lag1(xs), 0.4)
	require.Greater(t, l.Factor, 1)
	require.True(t, l.Enough)
	require.Equal(t, 1.0, l.Widen)
	require.False(t, Independent(xs[:8:8]).Factor > 1, "eight blocks cannot be put together")
	few := Independent([]float64{1, 2, 0, 3, 4, 3, 1, 0, 2, 1}) // neighbours alike, and too few to put together
	require.True(t, few.Enough)
	require.InDelta(t, math.Sqrt((1+few.Lag1)/(1-few.Lag1)), few.Widen, 1e-12)
	require.Greater(t, few.Widen, 1.2)
	line := make([]float64, 14)
	for i := range line {
		line[i] = float64(i)
	}
	require.False(t, Independent(line).Enough)
}

func TestDriftAndGroupsAreTold(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	still := draw(r, noises["normal"], 40)
	require.Greater(t, Drift(still), 0.01)
	moving := slices.Clone(still)
	for i := range moving {
		moving[i] += 0.1 * float64(i)
	}
	require.Less(t, Drift(moving), 0.001)
	require.Greater(t, Between([][]float64{still[:20], still[20:]}), 0.01)
	far := slices.Clone(still[20:])
	for i := range far {
		far[i] += 3
	}
	require.Less(t, Between([][]float64{still[:20], far}), 0.001)
}

func TestThreeAnswers(t *testing.T) {
	require.Equal(t, Below, Interval{1, 2}.Against(3))
	require.Equal(t, Above, Interval{4, 5}.Against(3))
	require.Equal(t, Unclear, Interval{2, 4}.Against(3))
	require.Equal(t, Below, Interval{-1, 1}.Within(2))
	require.Equal(t, Above, Interval{-4, -3}.Within(2))
	require.Equal(t, Unclear, Interval{1, 3}.Within(2))
	require.Equal(t, Everything(), Of(nil).At(0.95))
	require.Equal(t, Everything(), Of([]float64{1, 2, 3}).Always(0.95))
}

func TestNeededIsWhereTheSequenceIsNarrowEnough(t *testing.T) {
	e := Of(draw(rand.New(rand.NewPCG(5, 5)), noises["normal"], 20))
	n, ok := e.Needed(0.95, e.Always(0.95).Half()/3)
	require.True(t, ok)
	require.Greater(t, n, 100)
	_, ok = e.Needed(0.95, 0)
	require.False(t, ok)
}
