package prometheus

import (
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/stretchr/testify/require"
)

// said writes a histogram as the API does: the buckets that are not empty, with their bounds.
func said(h *histogram.FloatHistogram) *model.SampleHistogram {
	out := &model.SampleHistogram{Count: model.FloatString(h.Count), Sum: model.FloatString(h.Sum)}
	for it := h.AllBucketIterator(); it.Next(); {
		if b := it.At(); b.Count != 0 {
			out.Buckets = append(out.Buckets, &model.HistogramBucket{Lower: model.FloatString(b.Lower),
				Upper: model.FloatString(b.Upper), Count: model.FloatString(b.Count)})
		}
	}
	return out
}

func TestNativeHistogramsKeepTheirLayout(t *testing.T) {
	for name, h := range map[string]*histogram.FloatHistogram{
		"fine": {Schema: 3, ZeroThreshold: 1e-9, ZeroCount: 2, Count: 17, Sum: 40,
			PositiveSpans: []histogram.Span{{Offset: -20, Length: 2}, {Offset: 12, Length: 3}}, PositiveBuckets: []float64{1, 2, 3, 4, 5}},
		"coarse, with negative values": {Schema: -2, ZeroThreshold: 0.001, ZeroCount: 1, Count: 7, Sum: -3,
			PositiveSpans: []histogram.Span{{Offset: 1, Length: 1}}, PositiveBuckets: []float64{4},
			NegativeSpans: []histogram.Span{{Offset: 0, Length: 1}}, NegativeBuckets: []float64{2}},
		"finest": {Schema: 8, Count: 3, Sum: 3, PositiveSpans: []histogram.Span{{Offset: 100, Length: 1}, {Offset: 3, Length: 1}},
			PositiveBuckets: []float64{1, 2}},
		"custom bounds": {Schema: histogram.CustomBucketsSchema, CustomValues: []float64{0.1, 0.25, 1}, Count: 10, Sum: 9,
			PositiveSpans: []histogram.Span{{Offset: 0, Length: 4}}, PositiveBuckets: []float64{1, 2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, h.Validate())
			api := said(h)
			got := layoutOf([]model.SampleHistogramPair{{Histogram: api}, {Histogram: &model.SampleHistogram{}}}).histogram(api)
			require.NoError(t, got.Validate())
			require.Equal(t, h.Schema, got.Schema)
			require.Equal(t, h.CustomValues, got.CustomValues)
			requireAlike(t, api, said(got))
		})
	}
}

// requireAlike wants the same buckets; bounds are powers that may differ in the last digit.
func requireAlike(t *testing.T, want, got *model.SampleHistogram) {
	t.Helper()
	require.Equal(t, want.Count, got.Count)
	require.Len(t, got.Buckets, len(want.Buckets))
	for i, b := range want.Buckets {
		if got := float64(got.Buckets[i].Upper); got != float64(b.Upper) {
			require.InEpsilon(t, float64(b.Upper), got, 1e-9)
		}
		require.Equal(t, b.Count, got.Buckets[i].Count)
	}
}

// Of several resolutions in a series the coarsest holds all.
func TestNativeHistogramsOfSeveralResolutions(t *testing.T) {
	fine := said(&histogram.FloatHistogram{Schema: 3, Count: 3, PositiveSpans: []histogram.Span{{Offset: 1, Length: 3}},
		PositiveBuckets: []float64{1, 1, 1}})
	coarse := said(&histogram.FloatHistogram{Schema: 0, Count: 2, PositiveSpans: []histogram.Span{{Offset: 1, Length: 1}},
		PositiveBuckets: []float64{2}})
	l := layoutOf([]model.SampleHistogramPair{{Histogram: fine}, {Histogram: coarse}})
	require.Equal(t, int32(0), l.schema)
	got := l.histogram(fine)
	require.NoError(t, got.Validate())
	require.Equal(t, []float64{3}, got.PositiveBuckets)
}
