package run

import (
	"iter"
	"math"

	"github.com/prometheus/prometheus/model/histogram"
)

// nativeSchema sets the resolution of client histograms in the evidence: bucket bounds grow by 2^(1/128), so that a quantile read from one is
// within 0.3 % of the ledger's own.
const nativeSchema = 7

// native builds a Prometheus native histogram from (value in seconds, count) pairs in increasing order of value. The sum is exact
// only to the resolution of the values.
func native(buckets iter.Seq2[float64, uint64]) *histogram.Histogram {
	h := &histogram.Histogram{Schema: nativeSchema, ZeroThreshold: 1e-12}
	var index int32       // of the bucket under way
	var count, last int64 // in the bucket under way, in the one before
	open := false
	flush := func() {
		if !open {
			return
		}
		h.PositiveBuckets = append(h.PositiveBuckets, count-last)
		last = count
	}
	var next int32 // the index that would continue the current span
	for value, n := range buckets {
		h.Count += n
		h.Sum += value * float64(n)
		if value <= h.ZeroThreshold {
			h.ZeroCount += n
			continue
		}
		at := int32(math.Ceil(math.Log2(value) * (1 << nativeSchema)))
		if open && at == index {
			count += int64(n)
			continue
		}
		flush()
		switch {
		case !open:
			h.PositiveSpans = append(h.PositiveSpans, histogram.Span{Offset: at, Length: 1})
		case at == next:
			h.PositiveSpans[len(h.PositiveSpans)-1].Length++
		default:
			h.PositiveSpans = append(h.PositiveSpans, histogram.Span{Offset: at - next, Length: 1})
		}
		index, next, count, open = at, at+1, int64(n), true
	}
	flush()
	return h
}
