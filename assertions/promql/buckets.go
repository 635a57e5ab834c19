package promql

import (
	"cmp"
	"slices"
	"strconv"

	"brrtload/internal/facts"
)

// bucket is the cumulative count of a classic histogram at one bound.
type Bucket struct{ Bound, Count float64 }

// cumulative gives the buckets of an answer whose series differ by "le" only, in order of their
// bounds.
func Cumulative(a facts.Answer) []Bucket {
	var buckets []Bucket
	for _, s := range a.Series {
		if bound, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil {
			buckets = append(buckets, Bucket{bound, s.Value})
		}
	}
	slices.SortFunc(buckets, func(a, b Bucket) int { return cmp.Compare(a.Bound, b.Bound) })
	return buckets
}
