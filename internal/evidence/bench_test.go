package evidence

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// record fills a store with ten series a handler, sampled once a second: 7 buckets, 2 counters and
// a gauge each. They move at random, as services do.
func record(b *testing.B, s *Store, handlers, seconds int) facts.Window {
	var all []*Series
	for h := range handlers {
		handler := fmt.Sprint("handler", h)
		for _, le := range []string{"0.001", "0.01", "0.1", "0.5", "1.0", "10.0", "+Inf"} {
			all = append(all, handle(b, s, "duration_seconds_bucket", "handler", handler, "le", le))
		}
		all = append(all, handle(b, s, "requests_total", "handler", handler, "status", "200"),
			handle(b, s, "requests_total", "handler", handler, "status", "500"), handle(b, s, "queue_depth", "handler", handler))
	}
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, len(all))
	for t := range seconds + 1 {
		batch := s.At(at(float64(t)))
		for i, series := range all {
			values[i] += float64(random.IntN(20))
			batch.Append(series, Sample{Value: values[i]})
		}
		require.NoError(b, batch.Commit())
	}
	return facts.Window{Name: facts.Run, Start: t0, End: at(float64(seconds))}
}

func handle(b *testing.B, s *Store, name string, labelled ...string) *Series {
	series, err := s.Series(labels.FromStrings(append([]string{model.MetricNameLabel, name}, labelled...)...))
	require.NoError(b, err)
	return series
}

// BenchmarkBatch is the recording of a batch of one sample.
func BenchmarkBatch(b *testing.B) {
	s := create(b)
	x := handle(b, s, "x_total", "handler", "a")
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		batch := s.At(at(float64(n)))
		batch.Append(x, Sample{Value: float64(n)})
		require.NoError(b, batch.Commit())
	}
}

// BenchmarkBudgets judges 50 budgets over ten minutes of 10,000 series at 1 s: a handler's each, as
// budgets mostly are, and a few over every handler.
func BenchmarkBudgets(b *testing.B) {
	s := create(b)
	w := record(b, s, 1000, 600)
	var narrow, wide []string
	for i := range 46 {
		narrow = append(narrow, fmt.Sprintf([]string{
			`max_over_time(queue_depth{handler="handler%d"}[range()])`,
			`sum(increase(requests_total{handler="handler%d"}[range()] anchored))`,
			`histogram_quantile(0.99, sum by (le) (increase(duration_seconds_bucket{handler="handler%d"}[range()] anchored)))`,
		}[i%3], i))
	}
	wide = []string{
		`sum(increase(requests_total[range()] anchored))`,
		`sum by (handler) (increase(requests_total{status="500"}[range()] anchored)) / sum by (handler) (increase(requests_total[range()] anchored))`,
		`max(max_over_time(queue_depth[range()]))`,
		`histogram_quantile(0.99, sum by (le) (increase(duration_seconds_bucket[range()] anchored)))`,
	}
	for name, queries := range map[string][]string{"46 of one handler": narrow, "4 of all handlers": wide} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, query := range queries {
					answer, err := s.Query(b.Context(), query, w)
					require.NoError(b, err)
					require.NotEmpty(b, answer.Series)
				}
			}
		})
	}
}

// BenchmarkHour keeps an hour of 2,000 series at a scrape a second, and saves it: how much memory
// the series take until then, full chunks being in files, and how much disk afterwards.
func BenchmarkHour(b *testing.B) {
	for b.Loop() {
		before := heap()
		s, err := Create(b.TempDir())
		require.NoError(b, err)
		record(b, s, 200, 3600)
		grown := heap() - before
		saving := time.Now()
		require.NoError(b, s.Save())
		took := time.Since(saving)
		require.NoError(b, s.Close()) // it takes the files of full chunks away
		const samples = 2000 * 3601
		b.ReportMetric(grown/1e6, "MB-heap")
		b.ReportMetric(grown/samples, "B-heap/sample")
		b.ReportMetric(size(b, filepath.Join(s.dir, dataDir))/samples, "B-disk/sample")
		b.ReportMetric(took.Seconds(), "s-to-save")
		runtime.KeepAlive(s)
	}
}

// heap is what is alive on it, in bytes.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// size is what the files of a directory take, in bytes.
func size(b *testing.B, dir string) (sum float64) {
	require.NoError(b, filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		sum += float64(info.Size())
		return err
	}))
	return sum
}
