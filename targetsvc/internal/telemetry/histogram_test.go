//go:build !notelemetry

package telemetry

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHistogramTellsWhatTheLibrarysOwnWould observes around every bound, and beyond the last.
func TestHistogramTellsWhatTheLibrarysOwnWould(t *testing.T) {
	upper := []float64{0, 1e-6, 2.5e-6, 1e-3, 0.25}
	library := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: upper})
	all := newHistograms(waitScale, scaleOf(nanoseconds, upper), waitScale)
	ours := &all[1]
	for _, units := range []int64{0, 1, 999, 1000, 1001, 2500, 2501, 1e6 - 1, 1e6, 250e6, 250e6 + 1, 1e12} {
		ours.observe(units)
		library.Observe(float64(units) / nanoseconds)
	}
	var want, got dto.Metric
	require.NoError(t, library.Write(&want))
	snapshot := ours.snapshot(routeDuration)
	ours.observe(1) // after the snapshot
	require.NoError(t, snapshot.Write(&got))

	assert.Equal(t, want.Histogram.GetSampleCount(), got.Histogram.GetSampleCount())
	assert.InEpsilon(t, want.Histogram.GetSampleSum(), got.Histogram.GetSampleSum(), 1e-12)
	require.Len(t, got.Histogram.GetBucket(), len(upper))
	for i, bucket := range want.Histogram.GetBucket() {
		assert.Equal(t, bucket.GetUpperBound(), got.Histogram.GetBucket()[i].GetUpperBound())
		assert.Equal(t, bucket.GetCumulativeCount(), got.Histogram.GetBucket()[i].GetCumulativeCount(), "up to %v", bucket.GetUpperBound())
	}
	assert.Equal(t, newHistograms(waitScale)[0], all[0], "its neighbours are as they were")
	assert.Equal(t, newHistograms(waitScale)[0], all[2], "its neighbours are as they were")
}
