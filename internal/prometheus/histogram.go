package prometheus

import (
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
)

// layout is how the buckets of a native histogram are placed. The API has the bounds of those that
// are not empty; in an exponential layout any one of them tells the resolution, for the bounds of a
// bucket are 2^(2^-schema) apart.
type layout struct {
	schema int32
	custom []float64 // the upper bounds of a layout that is not exponential
	zero   float64   // half the width of the bucket around 0
}

// layoutOf finds the layout that a series' histograms have in common: the coarsest of them.
func layoutOf(of []model.SampleHistogramPair) layout {
	l := layout{schema: histogram.ExponentialSchemaMax}
	custom := map[float64]bool{}
	for _, one := range of {
		if one.Histogram == nil {
			continue
		}
		for _, b := range one.Histogram.Buckets {
			lower, upper := float64(b.Lower), float64(b.Upper)
			switch {
			case aroundZero(b):
				l.zero = max(l.zero, upper)
			case lower == 0 || upper == 0 || math.IsInf(lower, 0) || math.IsInf(upper, 0):
				custom[lower], custom[upper] = true, true
			default:
				if schema, ok := schemaOf(lower, upper); ok {
					l.schema = min(l.schema, schema)
				} else {
					custom[lower], custom[upper] = true, true
				}
			}
		}
	}
	if len(custom) == 0 {
		return l
	}
	l.schema = histogram.CustomBucketsSchema // all bounds of the others belong to it as well
	for _, one := range of {
		if one.Histogram != nil {
			for _, b := range one.Histogram.Buckets {
				custom[float64(b.Lower)], custom[float64(b.Upper)] = true, true
			}
		}
	}
	for bound := range custom {
		if !math.IsInf(bound, 0) {
			l.custom = append(l.custom, bound)
		}
	}
	slices.Sort(l.custom)
	return l
}

// aroundZero reports whether a bucket is the one around 0 of an exponential layout.
func aroundZero(b *model.HistogramBucket) bool {
	return b.Lower < 0 && b.Upper == -b.Lower && !math.IsInf(float64(b.Upper), 0) || b.Lower == 0 && b.Upper == 0
}

// schemaOf returns the resolution of an exponential bucket, and false when it is none.
func schemaOf(lower, upper float64) (int32, bool) {
	apart := math.Abs(math.Log2(upper / lower)) // 2^-schema
	schema := math.Round(-math.Log2(apart))
	exact := math.Abs(apart-math.Exp2(-schema)) < 1e-6*apart
	return int32(schema), exact && histogram.IsExponentialSchema(int32(schema))
}

// histogram returns what the API says in that layout.
func (l layout) histogram(said *model.SampleHistogram) *histogram.FloatHistogram {
	h := &histogram.FloatHistogram{Schema: l.schema, Count: float64(said.Count), Sum: float64(said.Sum),
		ZeroThreshold: l.zero, CustomValues: l.custom}
	positive, negative := map[int32]float64{}, map[int32]float64{}
	for _, b := range said.Buckets {
		lower, upper, count := float64(b.Lower), float64(b.Upper), float64(b.Count)
		switch {
		case l.custom != nil:
			i, _ := slices.BinarySearch(l.custom, upper)
			positive[int32(i)] += count
		case aroundZero(b):
			h.ZeroCount += count
		case upper > 0:
			positive[l.index(upper)] += count
		default:
			negative[l.index(-lower)] += count
		}
	}
	h.PositiveSpans, h.PositiveBuckets = spans(positive)
	h.NegativeSpans, h.NegativeBuckets = spans(negative)
	return h
}

// index returns the number of the exponential bucket that has an upper bound, or has it within.
func (l layout) index(upper float64) int32 {
	return int32(math.Ceil(math.Log2(upper)*math.Exp2(float64(l.schema)) - 1e-6))
}

// spans writes buckets by number as a histogram has them.
func spans(counts map[int32]float64) (all []histogram.Span, buckets []float64) {
	numbers := make([]int32, 0, len(counts))
	for i := range counts {
		numbers = append(numbers, i)
	}
	slices.Sort(numbers)
	next := int32(0)
	for n, i := range numbers {
		if n == 0 || i != next {
			all = append(all, histogram.Span{Offset: i - next})
		}
		all[len(all)-1].Length++
		buckets = append(buckets, counts[i])
		next = i + 1
	}
	return all, buckets
}
