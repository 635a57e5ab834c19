package scrape

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"brrtload/internal/evidence"
)

// gathered returns what a registry of client_golang answers in a format, with every series created
// when born says.
func gathered(t *testing.T, registry *prometheus.Registry, format expfmt.Format, born func(*dto.Metric) time.Time) []byte {
	families, err := registry.Gather()
	require.NoError(t, err)
	var body bytes.Buffer
	encoder := expfmt.NewEncoder(&body, format, expfmt.WithCreatedLines())
	for _, f := range families {
		for _, m := range f.Metric {
			created := timestamppb.New(born(m))
			if m.Counter != nil {
				m.Counter.CreatedTimestamp = created
			}
			if m.Histogram != nil {
				m.Histogram.CreatedTimestamp = created
			}
		}
		require.NoError(t, encoder.Encode(f))
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		require.NoError(t, closer.Close())
	}
	return body.Bytes()
}

// take has the endpoint read an exposition at a time.
func take(t *testing.T, e *Endpoint, seconds float64, body []byte, contentType string) Reading {
	batch := e.store.At(at(seconds))
	r, err := e.Read(at(seconds), body, contentType, batch)
	require.NoError(t, err)
	require.NoError(t, batch.Commit())
	return r
}

var formats = map[string]expfmt.Format{
	"protobuf":    expfmt.NewFormat(expfmt.TypeProtoDelim),
	"OpenMetrics": expfmt.NewFormat(expfmt.TypeOpenMetrics),
	"text":        expfmt.NewFormat(expfmt.TypeTextPlain),
}

// The stamp of a scrape is when it was sent. What is created before the target gathers has a later
// creation time.
func TestSeriesBornUnderLoadCountOnce(t *testing.T) {
	for _, skew := range []time.Duration{0, 300 * time.Millisecond, -2 * time.Hour} {
		for name, format := range formats {
			t.Run(fmt.Sprintf("%s, clock %s", name, skew), func(t *testing.T) {
				registry := prometheus.NewRegistry()
				orders := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orders_total", Help: "Orders."}, []string{"kind"})
				wait := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "wait_seconds", Help: "Wait.", Buckets: []float64{0.1, 1},
					NativeHistogramBucketFactor: 1.1}, []string{"kind"})
				registry.MustRegister(orders, wait)
				born := map[string]time.Time{}
				when := func(m *dto.Metric) time.Time { return born[m.Label[0].GetValue()] }
				count := func(kind string, n int, seconds float64) {
					if _, known := born[kind]; !known {
						born[kind] = at(seconds).Add(skew)
					}
					for range n {
						orders.WithLabelValues(kind).Inc()
						wait.WithLabelValues(kind).Observe(0.05)
					}
				}
				e := newEndpoint(t, newStore(t), &server{})
				count("old", 7, -60)
				take(t, e, 0, gathered(t, registry, format, when), string(format))
				e.Baseline(at(0))
				count("old", 2, 0.001)
				count("b", 1, 0.005) // between two scrapes
				take(t, e, 0.025, gathered(t, registry, format, when), string(format))
				count("c", 3, 0.052) // while the scrape of 0.05 is under way
				require.False(t, take(t, e, 0.05, gathered(t, registry, format, when), string(format)).Restarted)
				count("b", 1, 0.06)
				count("c", 1, 0.06)
				r := take(t, e, 0.075, gathered(t, registry, format, when), string(format))
				require.False(t, r.Restarted)
				require.False(t, r.Turn)
				want := map[string]float64{`{kind="old"}`: 2, `{kind="b"}`: 2, `{kind="c"}`: 4}
				w := window(0, 0.075)
				require.Equal(t, want, ask(t, e.store, "increase(orders_total[range()] anchored)", w))
				require.Equal(t, want, ask(t, e.store, "increase(wait_seconds_count[range()] anchored)", w))
				if name == "protobuf" {
					require.Equal(t, want, ask(t, e.store, "histogram_count(increase(wait_seconds[range()] anchored))", w))
				}
				require.Empty(t, ask(t, e.store, "resets(orders_total[range()] anchored) > 0 or resets(wait_seconds_bucket[range()] anchored) > 0", w))
			})
		}
	}
}

// A series that was dropped and made anew has another creation time, and counts from 0 though its
// value may be higher.
func TestASeriesMadeAnewCountsFromZero(t *testing.T) {
	for _, name := range []string{"protobuf", "OpenMetrics"} {
		for what, later := range map[string]float64{"since the last scrape": 3.5, "by a clock that is ahead": 9, "by a clock that is behind": -50} {
			t.Run(name+" "+what, func(t *testing.T) {
				registry := prometheus.NewRegistry()
				orders := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orders_total", Help: "Orders."}, []string{"kind"})
				registry.MustRegister(orders)
				born := at(-100)
				when := func(*dto.Metric) time.Time { return born }
				e := newEndpoint(t, newStore(t), &server{})
				orders.WithLabelValues("a").Add(5)
				take(t, e, 0, gathered(t, registry, formats[name], when), string(formats[name]))
				e.Baseline(at(0))
				take(t, e, 3, gathered(t, registry, formats[name], when), string(formats[name]))
				orders.Reset()
				orders.WithLabelValues("a").Add(8)
				born = at(later)
				take(t, e, 4, gathered(t, registry, formats[name], when), string(formats[name]))
				require.Equal(t, map[string]float64{`{kind="a"}`: 8}, ask(t, e.store, "increase(orders_total[range()] anchored)", window(0, 4)))
			})
		}
	}
}

// A series that was away while its process restarted has its old creation time remembered.
func TestACreationTimeIsRememberedWhileItsSeriesIsAway(t *testing.T) {
	const open = "application/openmetrics-text; version=1.0.0"
	e := newEndpoint(t, newStore(t), &server{})
	body := func(c string) []byte { return []byte("# TYPE g gauge\ng 1\n# TYPE c counter\n" + c + "# EOF\n") }
	take(t, e, 0, body("c_total 6\nc_created 100\n"), open)
	e.Baseline(at(0))
	take(t, e, 1, body(""), open)
	take(t, e, 2, body("c_total 9\nc_created 200\n"), open)
	take(t, e, 3, body(""), open)
	take(t, e, 4, body("c_total 10\nc_created 200\n"), open)
	require.Equal(t, map[string]float64{`{}`: 10}, ask(t, e.store, "increase(c_total[range()] anchored)", window(0, 4)))
}

func TestSeveralStartTimesInOneExposition(t *testing.T) {
	count := func(store *evidence.Store, to float64) map[string]float64 {
		return ask(t, store, "increase(c_total[range()] anchored)", window(0, to))
	}
	c := func(one, two int) string {
		return fmt.Sprintf("# TYPE c_total counter\nc_total{pid=\"1\"} %d\nc_total{pid=\"2\"} %d\n# TYPE process_start_time_seconds gauge\n", one, two)
	}
	began := func(pid string, ago float64) string {
		return fmt.Sprintf("process_start_time_seconds{pid=%q} %f\n", pid, float64(t0.UnixMilli())/1000-ago)
	}
	a, b := began("1", 900), began("2", 400)
	for name, row := range map[string]struct {
		after     string
		restarted bool
		want      map[string]float64
	}{
		"in changing order":    {c(12, 24) + b + a, false, map[string]float64{`{pid="1"}`: 2, `{pid="2"}`: 4}},
		"a third in front":     {c(12, 24) + began("0", -1.5) + a + b, false, map[string]float64{`{pid="1"}`: 2, `{pid="2"}`: 4}},
		"one is left":          {c(12, 24) + b, false, map[string]float64{`{pid="1"}`: 2, `{pid="2"}`: 4}},
		"one of them restarts": {c(12, 24) + a + began("2", -1.5), true, map[string]float64{`{pid="1"}`: 2, `{pid="2"}`: 24}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, newStore(t), &server{})
			take(t, e, 0, []byte(c(10, 20)+a+b), text)
			e.Baseline(at(0))
			take(t, e, 1, []byte(c(10, 20)+a+b), text)
			r := take(t, e, 2, []byte(row.after), text)
			require.Equal(t, row.restarted, r.Restarted)
			require.False(t, r.Turn)
			require.Equal(t, row.want, count(e.store, 2))
		})
	}
}

// Which process answered is read off the start time, or off counters that fall and return.
func TestProcessesThatAnswerInTurnDidNotRestart(t *testing.T) {
	began := float64(t0.Unix())
	for name, row := range map[string]struct {
		starts []float64 // of the process that answers each scrape; 0 is none
		counts []float64
		turns  bool
	}{
		"one process":                        {[]float64{-50, -50, -50, -50}, []float64{1, 2, 3, 4}, false},
		"a start time that wanders":          {[]float64{-50, -51, -50, -51}, []float64{1, 2, 3, 4}, false},
		"a restart":                          {[]float64{-50, -50, 1.5, 1.5}, []float64{8, 9, 3, 4}, false},
		"back to the older":                  {[]float64{-50, -3, -50, -50}, []float64{1, 2, 3, 4}, true},
		"the younger was there long before":  {[]float64{-90, -90, -50, -50}, []float64{1, 2, 3, 4}, true},
		"forked within milliseconds":         {[]float64{-50, -49.99, -50, -49.99}, []float64{9, 1, 9, 1}, true},
		"no start times":                     {[]float64{0, 0, 0, 0, 0}, []float64{9, 1, 9, 1, 9}, true},
		"no start times, and restarts":       {[]float64{0, 0, 0, 0, 0, 0, 0}, []float64{9, 1, 5, 9, 1, 5, 9}, false},
		"a counter that falls, same process": {[]float64{-50, -50, -50, -50, -50}, []float64{9, 1, 9, 1, 9}, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, newStore(t), &server{})
			turns := false
			for i, start := range row.starts {
				body := fmt.Sprintf("# TYPE c_total counter\nc_total %g\n", row.counts[i])
				if start != 0 {
					body += fmt.Sprintf("# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %f\n", began+start)
				}
				r := take(t, e, float64(i), []byte(body), text)
				turns = turns || r.Turn
				if i == 0 {
					e.Baseline(at(0))
				}
			}
			require.Equal(t, row.turns, turns)
		})
	}
}
