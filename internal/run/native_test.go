package run

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser/posrange"
	"github.com/stretchr/testify/require"
)

// Quantiles read from the native histogram agree with the values that went in, over seven orders of magnitude.
func TestNativeKeepsQuantiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 100_000)
	for i := range values {
		values[i] = 1e-6 * float64(uint64(1)<<random.IntN(24)) * (1 + random.Float64())
	}
	slices.Sort(values)
	h := native(func(yield func(float64, uint64) bool) {
		for _, v := range values {
			if !yield(v, 1) {
				return
			}
		}
	})
	require.NoError(t, h.Validate())
	require.EqualValues(t, len(values), h.Count)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
		got, _ := promql.HistogramQuantile(q, h.ToFloat(nil), "h", posrange.PositionRange{})
		require.InEpsilon(t, values[int(q*float64(len(values)))], got, 0.006, "quantile %g", q)
	}
}

func TestNativeOfNothingAndOfZeroes(t *testing.T) {
	empty := native(func(func(float64, uint64) bool) {})
	require.NoError(t, empty.Validate())
	require.Zero(t, empty.Count)

	zeroes := native(func(yield func(float64, uint64) bool) { _ = yield(0, 3) && yield(1, 2) })
	require.NoError(t, zeroes.Validate())
	require.EqualValues(t, 3, zeroes.ZeroCount)
	require.EqualValues(t, 5, zeroes.Count)
}

func BenchmarkNative(b *testing.B) {
	values := make([]float64, 1000)
	for i := range values {
		values[i] = 1e-5 * float64(i+1)
	}
	b.ReportAllocs()
	for b.Loop() {
		native(func(yield func(float64, uint64) bool) {
			for _, v := range values {
				if !yield(v, 3) {
					return
				}
			}
		})
	}
}
