package load

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
)

// Each bucket's upper bound is its own, and a nanosecond more is the next one's.
func TestABucketEndsAtItsUpperBound(t *testing.T) {
	for bucket := range Buckets - 1 {
		require.Equal(t, bucket, bucketOf(Upper(bucket)), "upper bound of bucket %d", bucket)
		require.Equal(t, bucket+1, bucketOf(Upper(bucket)+1), "right above bucket %d", bucket)
	}
	require.Equal(t, Buckets-1, bucketOf(longest))
}

// enter adds hits with drawn times to a ledger, from the one numbered first.
func enter(l *Ledger, random *rand.Rand, first, hits uint64) {
	for n := first; n < first+hits; n++ {
		h := l.plan.Hit(n)
		l.Begin()
		sent := h.Due + time.Duration(random.IntN(1000))*time.Microsecond
		l.Add(h, hit.Result{Sent: sent, Done: sent + time.Duration(random.IntN(1e6))*time.Microsecond, Status: 200, Outcome: hit.Answered, BytesIn: 3})
	}
}

// What a view was given over time is what a snapshot has at the end, bucket by bucket.
func TestTheChangesAddUpToTheSnapshot(t *testing.T) {
	l := NewLedger(planOf(t, steadyMix))
	random := rand.New(rand.NewPCG(1, 2))
	var v View
	latency, service, lag := map[[2]int]uint64{}, map[[2]int]uint64{}, map[int]uint64{}
	for n := range uint64(40) {
		enter(l, random, n*50, 50)
		l.Update(&v)
		require.Equal(t, 50*(n+1), v.Done)
		for i, cell := range v.Cells {
			for _, c := range cell.Latency {
				latency[[2]int{i, c.Bucket}] += uint64(c.Count)
			}
			for _, c := range cell.Service {
				service[[2]int{i, c.Bucket}] += uint64(c.Count)
			}
		}
		for _, c := range v.Lag {
			lag[c.Bucket] += uint64(c.Count)
		}
	}
	s := l.Snapshot()
	wantLatency, wantService, wantLag := map[[2]int]uint64{}, map[[2]int]uint64{}, map[int]uint64{}
	for _, timing := range s.Timings {
		i := timing.Stage*len(l.requests) + timing.Request.Index
		for upper, n := range timing.Latency.Buckets() {
			wantLatency[[2]int{i, bucketOf(upper)}] = n
		}
		for upper, n := range timing.Service.Buckets() {
			wantService[[2]int{i, bucketOf(upper)}] = n
		}
	}
	for upper, n := range s.Lag.Buckets() {
		wantLag[bucketOf(upper)] = n
	}
	require.Equal(t, wantLatency, latency)
	require.Equal(t, wantService, service)
	require.Equal(t, wantLag, lag)
	var rows []Row
	for _, cell := range v.Cells {
		rows = append(rows, cell.Rows...)
	}
	require.Equal(t, s.Rows, rows)
}

// A look that finds few changes takes no new memory, and one that finds none has nothing to say.
func TestALookAllocatesNothing(t *testing.T) {
	l := NewLedger(planOf(t, steadyMix))
	var v View
	enter(l, rand.New(rand.NewPCG(1, 2)), 0, 5000)
	l.Update(&v)
	random := rand.New(rand.NewPCG(1, 2)) // the same times again
	first := uint64(5000)
	require.Zero(t, testing.AllocsPerRun(20, func() {
		enter(l, random, first, 100)
		first += 100
		l.Update(&v)
	}))
	l.Update(&v)
	for _, cell := range v.Cells {
		require.Empty(t, cell.Latency)
	}
	require.Empty(t, v.Lag)
}
