//go:build !notelemetry

package fault

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
)

// Whoever looks at the buckets and the sum of any window sees nothing wrong with a lie that moves
// counts between buckets, whether the times in it were short or long ones of their buckets: the lie
// is the unit, the clipping, the bounds.
func TestMovedCountsFitTheSumInAnyWindow(t *testing.T) {
	for _, lie := range []string{"histogram-in-milliseconds", "clipped-histogram", "zero-histogram", "one-bucket-histogram"} {
		for seed := range uint64(20) {
			movedCountsFit(t, lie, rand.New(rand.NewPCG(1, seed)))
		}
	}
}

// movedCountsFit looks at a lie in windows of a few times each.
func movedCountsFit(t *testing.T, lie string, random *rand.Rand) {
	t.Helper()
	s := NewSet()
	require.NoError(t, s.EnableText(lie+"=brrtrouter_wait_seconds"))
	registry := prometheus.NewRegistry()
	wait := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "brrtrouter_wait_seconds",
		Buckets: []float64{1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
	})
	registry.MustRegister(wait)
	exposed := func() *dto.Histogram {
		gathered, err := registry.Gather()
		require.NoError(t, err)
		return s.families(gathered)[0].Metric[0].Histogram
	}
	for before, n := exposed(), 0; n < 25; n++ {
		// The times of one window resemble each other: 1 µs to 10 s.
		size := math.Pow(10, 7*random.Float64()-6)
		for range 1 + random.IntN(10) {
			wait.Observe(size * (0.5 + random.Float64()))
		}
		after := exposed()
		least, most, counted, lower := 0.0, 0.0, 0.0, 0.0
		for i, bucket := range after.Bucket {
			upTo := float64(bucket.GetCumulativeCount() - before.Bucket[i].GetCumulativeCount())
			require.GreaterOrEqual(t, upTo, counted)
			least, most = least+(upTo-counted)*lower, most+(upTo-counted)*bucket.GetUpperBound()
			counted, lower = upTo, bucket.GetUpperBound()
		}
		if beyond := float64(after.GetSampleCount()-before.GetSampleCount()) - counted; beyond > 0 {
			least, most = least+beyond*lower, math.Inf(1)
		}
		sum := after.GetSampleSum() - before.GetSampleSum()
		require.GreaterOrEqual(t, sum, least*(1-1e-6)-1e-6, "%s, window %d", lie, n)
		require.LessOrEqual(t, sum, most*(1+1e-6)+1e-6, "%s, window %d", lie, n)
		before = after
	}
}
