package record

import (
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser/posrange"
	"github.com/stretchr/testify/require"

	"brrtload/internal/load"
)

// values enters durations in a ledger's histogram and takes the changes out in steps; it returns
// the native histogram after the last.
func grown(t *testing.T, values []time.Duration, steps int) (*Native, *histogram.Histogram) {
	var n Native
	var last *histogram.Histogram
	for i := range steps {
		var changes []load.Change
		for _, v := range values[i*len(values)/steps : (i+1)*len(values)/steps] {
			changes = append(changes, load.Change{Bucket: bucketOf(v), Count: 1})
		}
		last = n.add(changes)
		require.NoError(t, last.Validate())
	}
	return &n, last
}

// Quantiles read from the native histogram agree with the values that went in, over five orders of
// magnitude, however many looks there were while it grew.
func TestNativeKeepsQuantiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]time.Duration, 100_000)
	for i := range values {
		values[i] = time.Duration(float64(100*time.Microsecond<<random.IntN(17)) * (1 + random.Float64()))
	}
	n, h := grown(t, values, 1000)
	_, once := grown(t, values, 1)
	require.Equal(t, once.PositiveSpans, h.PositiveSpans)
	require.Equal(t, once.PositiveBuckets, h.PositiveBuckets)
	require.EqualValues(t, len(values), h.Count)
	require.InEpsilon(t, once.Sum, h.Sum, 1e-9)
	slices.Sort(values)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
		want := values[int(q*float64(len(values)))].Seconds()
		got, _ := promql.HistogramQuantile(q, h.ToFloat(nil), "h", posrange.PositionRange{})
		require.InEpsilon(t, want, got, 0.006, "quantile %g", q)
		require.InEpsilon(t, want, quantile(q, n), 0.012, "quantile %g for the progress line", q)
	}
}

func TestNativeOfNothing(t *testing.T) {
	n, h := grown(t, nil, 1)
	require.Zero(t, h.Count)
	require.Zero(t, quantile(0.99, n))
}

// The store keeps the newest histogram: what comes after must not change it.
func TestTheLastHistogramIsLeftAlone(t *testing.T) {
	var n Native
	for _, d := range []time.Duration{time.Millisecond, time.Second, time.Microsecond, time.Millisecond} {
		before := n.add([]load.Change{{Bucket: bucketOf(d), Count: 3}})
		kept := before.Copy()
		n.add([]load.Change{{Bucket: bucketOf(20 * d), Count: 1}, {Bucket: bucketOf(d), Count: 5}})
		require.True(t, kept.Equals(before))
	}
}

// However fine the buckets are, taking in changes needs no memory once their blocks are there.
func TestTakingInChangesAllocatesNothing(t *testing.T) {
	var n Native
	changes := make([]load.Change, 50)
	for i := range changes {
		changes[i] = load.Change{Bucket: bucketOf(time.Duration(1+i*i) * time.Millisecond), Count: 2}
	}
	n.add(changes)
	n.add(changes)
	require.Zero(t, testing.AllocsPerRun(100, func() { n.add(changes) }))
}

// bucketOf returns the bucket in which a duration counts.
func bucketOf(d time.Duration) int {
	return sort.Search(load.Buckets-1, func(i int) bool { return load.Upper(i) >= d })
}
