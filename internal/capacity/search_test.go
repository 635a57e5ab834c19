package capacity

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// find carries a search out over a service that is asked by rate.
func find(s Search, service func(rate float64) Standing) (done []Probe) {
	for {
		rate, more := s.Next(done)
		if !more {
			return done
		}
		done = append(done, Probe{rate, service(rate)})
	}
}

func TestTheKneeIsFound(t *testing.T) {
	s := Search{Min: 1, Max: 1e5, Precision: 0.02, Most: 60}
	for _, knee := range []float64{1.5, 7, 160, 161.6, 999, 4096, 54321} {
		done := find(s, func(rate float64) Standing {
			if rate <= knee {
				return Holds
			}
			return Breaks
		})
		low, high, top := Between(done)
		require.LessOrEqual(t, low, knee)
		require.Greater(t, high, knee)
		require.LessOrEqual(t, high/low, 1.02)
		require.Equal(t, Breaks, top)
		require.Less(t, len(done), 30, "%v", done)
	}
}

// A service whose verdict is a matter of chance within 2 % of its knee: the knee is found all the
// same, within 5 %, whatever the dice.
func TestTheKneeOfANoisyServiceIsFoundAgainWithin5Percent(t *testing.T) {
	s := Search{Min: 10, Max: 10_000, Precision: 0.02, Most: 60}
	for seed := range uint64(300) {
		dice := rand.New(rand.NewPCG(seed, 1))
		done := find(s, func(rate float64) Standing {
			if rate*(1+0.02*(2*dice.Float64()-1)) <= 200 {
				return Holds
			}
			return Breaks
		})
		low, high, _ := Between(done)
		require.InEpsilon(t, 200, math.Sqrt(low*high), 0.05, "seed %d: %v", seed, done)
	}
}

func TestOneLuckyOrUnluckyProbeDoesNotDecide(t *testing.T) {
	s := Search{Min: 10, Max: 1000, Precision: 0.02, Most: 60}
	n := 0
	done := find(s, func(rate float64) Standing {
		if n++; n == 3 { // 40/s, which the service can bear
			return Breaks
		}
		if rate <= 200 {
			return Holds
		}
		return Breaks
	})
	low, high, _ := Between(done)
	require.InEpsilon(t, 200, math.Sqrt(low*high), 0.02, "%v", done)
}

// On a machine that others use, a rate near the knee may stay unclear. The service's limit is known all
// the same: from the rates that hold to those that break.
func TestRatesThatStayUnclearWidenTheInterval(t *testing.T) {
	s := Search{Min: 10, Max: 1000, Precision: 0.02, Most: 60}
	done := find(s, func(rate float64) Standing {
		switch {
		case rate <= 120:
			return Holds
		case rate < 126:
			return Unclear
		}
		return Breaks
	})
	low, high, top := Between(done)
	require.Equal(t, Breaks, top)
	require.InEpsilon(t, 120, low, 0.02)
	require.LessOrEqual(t, low, 120.0)
	require.InEpsilon(t, 126, high, 0.02)
	require.GreaterOrEqual(t, high, 126.0)
	require.Less(t, len(done), 30, "%v", done)
}

func TestTheEndsOfASearch(t *testing.T) {
	s := Search{Min: 10, Max: 100, Precision: 0.02, Most: 60}
	always := func(what Standing) func(float64) Standing { return func(float64) Standing { return what } }

	done := find(s, always(Holds))
	low, high, top := Between(done)
	require.Equal(t, 100.0, low)
	require.True(t, math.IsInf(high, 1))
	require.Equal(t, Holds, top)

	done = find(s, always(Breaks))
	low, high, top = Between(done)
	require.Zero(t, low)
	require.Equal(t, 10.0, high)
	require.Equal(t, Breaks, top)
	require.Len(t, done, 2, "the lowest rate is tried again")

	done = find(s, func(rate float64) Standing { // beyond 50/s the generator is not fit
		if rate > 50 {
			return Unclear
		}
		return Holds
	})
	low, high, top = Between(done)
	require.Equal(t, Unclear, top)
	require.InEpsilon(t, 50, math.Sqrt(low*high), 0.02)

	s.Most = 5
	require.Len(t, find(s, func(float64) Standing { return Holds }), 5)
}
