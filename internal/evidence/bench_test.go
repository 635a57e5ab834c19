package evidence

import (
	"fmt"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

// record fills a store with 10,000 series sampled once a second: 1,000 handlers with 7 buckets, 2 counters and a gauge each.
func record(b *testing.B, s *Store, seconds int) assertions.Window {
	var all []*Series
	for h := range 1000 {
		handler := fmt.Sprint("handler", h)
		for _, le := range []string{"0.001", "0.01", "0.1", "0.5", "1.0", "10.0", "+Inf"} {
			all = append(all, handle(b, s, "duration_seconds_bucket", "handler", handler, "le", le))
		}
		all = append(all, handle(b, s, "requests_total", "handler", handler, "status", "200"),
			handle(b, s, "requests_total", "handler", handler, "status", "500"), handle(b, s, "queue_depth", "handler", handler))
	}
	for t := range seconds + 1 {
		batch := s.At(at(float64(t)))
		for i, series := range all {
			batch.Append(series, Sample{Value: float64(t * (1 + i%17))})
		}
		require.NoError(b, batch.Commit())
	}
	return assertions.Window{Name: assertions.Run, Start: t0, End: at(float64(seconds))}
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

// BenchmarkBudgets judges 50 budgets over ten minutes of 10,000 series at 1 s: a handler's each, as budgets mostly are, and a few over
// every handler.
func BenchmarkBudgets(b *testing.B) {
	s := create(b)
	w := record(b, s, 600)
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
