package record

import (
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
)

// What is costly to read and changes by itself is recorded once a second of the load, and whenever
// the load is not disturbed by it; what frames the scrapes of the target, around each. Histograms are
// recorded once a second as well, and more often in a short load. A counter has its zero at the
// baseline besides.
func TestCostlySeriesAreRecordedOnceASecond(t *testing.T) {
	for length, timed := range map[time.Duration]int{time.Hour: 3, 6 * time.Second: 12} {
		r := newRecorder(t, length)
		pid := os.Getpid()
		r.Watch = []Watched{{pid, SeriesOwnCPU, SeriesOwnMemory}, {pid, SeriesCPU, SeriesResident}}
		for range 8 {
			r.look(250 * time.Millisecond)
		}
		r.End(r.now)
		for range 4 {
			r.look(250 * time.Millisecond)
		}
		require.NoError(t, r.Err)
		for name, samples := range map[string]int{
			SeriesOwnCPU: 1 + 12, SeriesCPU: 1 + 12, SeriesResident: 12, SeriesOwnMemory: 2 + 4,
			seriesMachineCPUs: 2 + 4, seriesLag: 1 + timed,
		} {
			require.Equal(t, samples, r.samples(t, name), "%s in a load of %s", name, length)
		}
	}
}

// samples counts those of a series.
func (r *recorder) samples(t *testing.T, name string) (n int) {
	q, err := r.store.Queryable().Querier(0, r.now.Add(time.Hour).UnixMilli())
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	found := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name))
	for found.Next() {
		for points := found.At().Iterator(nil); points.Next() != chunkenc.ValNone; {
			n++
		}
	}
	require.NoError(t, found.Err())
	return n
}

// With one CPU, hits that come due while histograms are recorded leave before and after any of them: ten
// requests have twenty. The record is one that asks the kernel for nothing, since others run then anyway.
func TestOthersRunBesideARecord(t *testing.T) {
	r := newRecorder(t, 6*time.Second)
	r.look(time.Second)
	r.hit(100)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var over atomic.Bool
	turns, done := 0, make(chan struct{})
	go func() {
		defer close(done)
		for ; !over.Load(); runtime.Gosched() {
			turns++
		}
	}()
	r.look(250 * time.Millisecond)
	over.Store(true)
	<-done
	require.NoError(t, r.Err)
	require.Greater(t, turns, 60)
}
