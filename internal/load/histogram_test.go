package load

import (
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The buckets are those that the library lists, over the whole range.
func TestBucketsAreTheLibrarys(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	h := NewHistogram()
	for d := time.Duration(1); d < 2*longest; d += d/50 + time.Duration(random.IntN(700)) {
		h.Record(d)
	}
	var uppers []time.Duration
	var counts []uint64
	for _, bar := range h.hdr.Distribution() {
		if bar.Count > 0 {
			uppers, counts = append(uppers, time.Duration(bar.To)), append(counts, uint64(bar.Count))
		}
	}
	require.Greater(t, len(uppers), 500)
	i := 0
	for upper, n := range h.Buckets() {
		require.Equal(t, uppers[i], upper, "bucket %d", i)
		require.Equal(t, counts[i], n, "bucket %d", i)
		i++
	}
	require.Len(t, uppers, i)
}

// What a snapshot has says the same as the ledger's own at that moment, whatever is recorded
// afterwards.
func TestACopyIsForReading(t *testing.T) {
	h := NewHistogram()
	for d := range 3000 {
		h.Record(time.Duration(d*d) * time.Microsecond)
	}
	count, p99, longest, buckets := h.Count(), h.Quantile(0.99), h.Max(), maps.Collect(h.Buckets())
	c := h.clone()
	h.Record(time.Hour)
	require.Equal(t, count, c.Count())
	require.Equal(t, p99, c.Quantile(0.99))
	require.Equal(t, longest, c.Max())
	require.Equal(t, buckets, maps.Collect(c.Buckets()))
	merged := NewHistogram()
	merged.Merge(c)
	require.Equal(t, buckets, maps.Collect(merged.Buckets()))
	require.Panics(t, func() { c.Record(time.Second) })
	require.Panics(t, func() { c.Merge(h) })
}
