package assertions

import (
	"cmp"
	"slices"
	"strconv"
)

// bucket is the cumulative count of a classic histogram at one bound.
type bucket struct{ bound, count float64 }

// cumulative gives the buckets of an answer whose series differ by "le" only, in order of their bounds.
func cumulative(a Answer) []bucket {
	var buckets []bucket
	for _, s := range a.Series {
		if bound, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil {
			buckets = append(buckets, bucket{bound, s.Value})
		}
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	return buckets
}
