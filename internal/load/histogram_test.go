package load

import (
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
