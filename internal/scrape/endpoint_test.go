package scrape

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
)

// text is the content type of most expositions here.
const text = "text/plain; version=0.0.4; charset=utf-8"

var t0 = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return t0.Add(time.Duration(seconds * float64(time.Second))) }

// server is an endpoint in memory.
type server struct {
	body        string
	contentType string
	err         error
}

func (s *server) RoundTrip(*http.Request) (*http.Response, error) {
	if s.err != nil {
		return nil, s.err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {s.contentType}},
		Body: io.NopCloser(bytes.NewReader([]byte(s.body))),
	}, nil
}

func newStore(t testing.TB) *evidence.Store {
	store, err := evidence.Create(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

func newEndpoint(t testing.TB, store *evidence.Store, s http.RoundTripper, own ...string) *Endpoint {
	e, err := New(Target{Name: "target", URL: "http://target.test/metrics", Labels: labels.FromStrings(own...)}, store)
	require.NoError(t, err)
	e.fetcher.client = &http.Client{Transport: s}
	return e
}

// scrape reads the endpoint and commits.
func scrape(t testing.TB, e *Endpoint, seconds float64) Reading {
	r, err := tryScrape(t, e, seconds)
	require.NoError(t, err)
	return r
}

func tryScrape(t testing.TB, e *Endpoint, seconds float64) (Reading, error) {
	batch := e.store.At(at(seconds))
	r, err := e.Scrape(t.Context(), at(seconds), batch)
	require.NoError(t, batch.Commit())
	return r, err
}

func window(from, to float64) facts.Window {
	return facts.Window{Name: "test", Start: at(from), End: at(to)}
}

// ask returns the values of a query by their labels.
func ask(t testing.TB, store *evidence.Store, expr string, w facts.Window) map[string]float64 {
	answer, err := store.Query(t.Context(), expr, w)
	require.NoError(t, err)
	values := map[string]float64{}
	for _, s := range answer.Series {
		values[labels.FromMap(s.Labels).String()] = s.Value
	}
	return values
}

func TestEveryFormatGivesTheSameCounts(t *testing.T) {
	registry := prometheus.NewRegistry()
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "Requests."}, []string{"handler"})
	depth := prometheus.NewGauge(prometheus.GaugeOpts{Name: "depth", Help: "Depth."})
	duration := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "duration_seconds", Help: "Duration.", Buckets: []float64{0.1, 1}, NativeHistogramBucketFactor: 1.1,
	})
	registry.MustRegister(requests, depth, duration)
	for name, row := range map[string]struct {
		accept string
		native bool
	}{
		"protobuf":    {accept, true},
		"OpenMetrics": {"application/openmetrics-text;version=1.0.0", false},
		"text":        {"text/plain;version=0.0.4", false},
	} {
		t.Run(name, func(t *testing.T) {
			requests.Reset()
			handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
			store := newStore(t)
			e := newEndpoint(t, store, roundTrip(func(r *http.Request) *http.Response {
				r.Header.Set("Accept", row.accept)
				return serve(handler, r)
			}))
			first := scrape(t, e, 0)
			e.Baseline(at(0))
			requests.WithLabelValues("a").Add(42)
			depth.Set(7)
			for i := range 10 {
				duration.Observe(float64(i) / 5)
			}
			second := scrape(t, e, 10)

			require.Greater(t, second.Series, first.Series)
			require.False(t, second.Unversioned)
			w := window(0, 10)
			require.Equal(t, map[string]float64{`{handler="a"}`: 42}, ask(t, store, `increase(requests_total[range()] anchored)`, w))
			require.Equal(t, map[string]float64{`{}`: 10}, ask(t, store, `increase(duration_seconds_count[range()] anchored)`, w))
			require.Equal(t, map[string]float64{`{}`: 6}, ask(t, store, `sum(increase(duration_seconds_bucket{le="1.0"}[range()] anchored))`, w))
			require.Equal(t, map[string]float64{`{__name__="depth"}`: 7}, ask(t, store, `depth`, w))
			native := ask(t, store, `histogram_count(increase(duration_seconds[range()] anchored))`, w)
			if row.native {
				require.Equal(t, map[string]float64{`{}`: 10}, native)
			} else {
				require.Empty(t, native)
			}
			families := store.Families(w)
			require.Len(t, families, 3)
			require.Equal(t, "requests_total", families[2].Name)
			require.Equal(t, "counter", families[2].Type)
			require.Equal(t, "Requests.", families[2].Help)
			require.Equal(t, map[string][]string{"handler": {"a"}}, families[2].Labels)
		})
	}
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// serve has a handler answer in memory.
func serve(h http.Handler, r *http.Request) *http.Response {
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(w, r)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body)}
}

type recorder struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }
func (w *recorder) WriteHeader(status int)      { w.status = status }

func TestZeroesAreAtTheBaselineForWhatCountsOnly(t *testing.T) {
	s := &server{contentType: text, body: "other 1\n"}
	store := newStore(t)
	e := newEndpoint(t, store, s)
	scrape(t, e, 0)
	e.Baseline(at(0))
	s.body = `other 1
# TYPE c_total counter
c_total 5
# TYPE h histogram
h_bucket{le="1"} 3
h_bucket{le="+Inf"} 4
h_sum 7
h_count 4
# TYPE s summary
s{quantile="0.5"} 2
s_sum 6
s_count 3
# TYPE g gauge
g 8
u 9
`
	scrape(t, e, 10)
	require.Equal(t, map[string]float64{
		`{__name__="c_total"}`: 0, `{__name__="h_bucket", le="1.0"}`: 0, `{__name__="h_bucket", le="+Inf"}`: 0,
		`{__name__="h_sum"}`: 0, `{__name__="h_count"}`: 0, `{__name__="s_sum"}`: 0, `{__name__="s_count"}`: 0, `{__name__="other"}`: 1,
	}, ask(t, store, `{__name__=~".+"} @ `+fmt.Sprint(t0.Unix()), window(0, 10)))
}

func TestAFailedBaselineInventsNoZero(t *testing.T) {
	s := &server{contentType: text, err: io.ErrUnexpectedEOF}
	store := newStore(t)
	e := newEndpoint(t, store, s)
	_, err := tryScrape(t, e, 0)
	require.EqualError(t, err, "scrape http://target.test/metrics: unexpected EOF")
	s.body, s.err = "# TYPE c_total counter\nc_total 5\n", nil
	scrape(t, e, 5)
	s.body = "# TYPE c_total counter\nc_total 6\n"
	scrape(t, e, 10)
	require.Equal(t, map[string]float64{`{}`: 1}, ask(t, store, `increase(c_total[range()] anchored)`, window(0, 10)))
}

func TestARestartIsExactWhereTheExpositionSaysWhen(t *testing.T) {
	// 12 counted before the restart, then 20: the value never went down.
	after := float64(at(7).Unix())
	for name, row := range map[string]struct {
		contentType, before, after string
		restarted                  bool
	}{
		"process start in text": {text,
			"# TYPE c_total counter\nc_total 12\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 1e9\n",
			fmt.Sprintf("# TYPE c_total counter\nc_total 20\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %f\n", after), true},
		"process start before the last scrape": {text,
			"# TYPE c_total counter\nc_total 12\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 1e9\n",
			fmt.Sprintf("# TYPE c_total counter\nc_total 20\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %f\n", after-3), true},
		"created in OpenMetrics": {"application/openmetrics-text; version=1.0.0",
			"# TYPE c counter\nc_total 12\nc_created 1e9\n# EOF\n",
			fmt.Sprintf("# TYPE c counter\nc_total 20\nc_created %f\n# EOF\n", after), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{contentType: row.contentType, body: row.before}
			store := newStore(t)
			e := newEndpoint(t, store, s)
			scrape(t, e, 0)
			e.Baseline(at(0))
			scrape(t, e, 5)
			s.body = row.after
			require.Equal(t, row.restarted, scrape(t, e, 10).Restarted)
			require.Equal(t, map[string]float64{`{}`: 20}, ask(t, store, `increase(c_total[range()] anchored)`, window(0, 10)))
			require.Empty(t, ask(t, store, `c_created`, window(0, 10)))
		})
	}
}

func TestVanishedSeriesEnd(t *testing.T) {
	s := &server{contentType: text, body: "# TYPE g gauge\ng{a=\"1\"} 1\ng{a=\"2\"} 2\n"}
	store := newStore(t)
	e := newEndpoint(t, store, s)
	scrape(t, e, 0)
	s.body = "# TYPE g gauge\ng{a=\"2\"} 2\n"
	scrape(t, e, 1)
	require.Equal(t, map[string]float64{`{__name__="g", a="2"}`: 2}, ask(t, store, "g", window(0, 1)))

	s.err = io.ErrUnexpectedEOF
	_, err := tryScrape(t, e, 2)
	require.Error(t, err)
	require.Empty(t, ask(t, store, "g", window(0, 2)), "after a failed scrape nobody knows")

	s.err = nil
	scrape(t, e, 3)
	require.Equal(t, map[string]float64{`{__name__="g", a="2"}`: 2}, ask(t, store, "g", window(0, 3)))
	s.body = "# TYPE g gauge\ng{a=\"1\"} 1\n"
	scrape(t, e, 4)
	require.Equal(t, map[string]float64{`{__name__="g", a="1"}`: 1}, ask(t, store, "g", window(0, 4)))
}

func TestDuplicatesAreNamedAndTheFirstCounts(t *testing.T) {
	s := &server{contentType: text, body: "g{a=\"1\",b=\"2\"} 1\ng{b=\"2\",a=\"1\"} 5\nh 2\nh 2\n"}
	store := newStore(t)
	e := newEndpoint(t, store, s)
	r := scrape(t, e, 0)
	require.Equal(t, []string{`g{a="1", b="2"}`, "h"}, r.Duplicates)
	require.Equal(t, 2, r.Series)
	scrape(t, e, 1)
	require.Equal(t, map[string]float64{`{__name__="g", a="1", b="2"}`: 1}, ask(t, store, "g", window(0, 1)))
}

func TestOwnLabelsAreAdded(t *testing.T) {
	s := &server{contentType: text, body: "g{instance=\"theirs\"} 1\n"}
	store := newStore(t)
	e := newEndpoint(t, store, s, "instance", "ours")
	scrape(t, e, 0)
	scrape(t, e, 1)
	require.Equal(t, map[string]float64{`{__name__="g", exported_instance="theirs", instance="ours"}`: 1}, ask(t, store, "g", window(0, 1)))
	require.Equal(t, map[string][]string{"exported_instance": {"theirs"}}, store.Families(window(0, 1))[0].Labels)
}

func TestMetadataFollowsTheExposition(t *testing.T) {
	bodies := []string{
		"# HELP x A count.\n# TYPE x counter\nx 1\n",
		"# HELP x A count.\n# TYPE x counter\nx 2\n",
		"# HELP x A level.\n# TYPE x gauge\nx 3\n",
		"x 4\n",
		"y 1\n",
		"x{new=\"1\"} 5\nx{new=\"2\"} 6\n",
	}
	s := &server{contentType: text}
	store := newStore(t)
	e := newEndpoint(t, store, s)
	for i, body := range bodies {
		s.body = body
		scrape(t, e, float64(i))
	}
	var got []string
	for _, f := range store.Families(window(0, 5)) {
		got = append(got, fmt.Sprintf("%s %s %q %v %d series in %d scrapes, %v to %v", f.Name, f.Type, f.Help, f.Labels, f.Series, f.Scrapes,
			f.First.Sub(t0), f.Last.Sub(t0)))
	}
	require.Equal(t, []string{
		`x counter "A count." map[] 1 series in 2 scrapes, 0s to 1s`,
		`x gauge "A level." map[] 1 series in 1 scrapes, 2s to 2s`,
		`x unknown "" map[new:[1 2]] 2 series in 2 scrapes, 3s to 5s`,
		`y unknown "" map[] 1 series in 1 scrapes, 4s to 4s`,
	}, got)
	require.Len(t, store.Families(window(0, 1)), 1)
}

func TestAScrapeEndsWithItsContext(t *testing.T) {
	store := newStore(t)
	e := newEndpoint(t, store, &server{contentType: text, body: "g 1\n", err: context.Canceled})
	_, err := tryScrape(t, e, 0)
	require.ErrorIs(t, err, context.Canceled)
}
