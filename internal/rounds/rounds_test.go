package rounds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/scrape"
)

// newLoop makes a loop over endpoints in memory.
func newLoop(t testing.TB, servers ...http.RoundTripper) *Loop {
	dir := t.TempDir()
	store, err := evidence.Create(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	var targets []scrape.Target
	for i, s := range servers {
		name := fmt.Sprintf("e%d", i)
		targets = append(targets, scrape.Target{Name: name, URL: "http://" + name + ".test/metrics", Way: s,
			Labels: labels.FromStrings("endpoint", name)})
	}
	l, err := New(store, dir, targets...)
	require.NoError(t, err)
	return l
}

// text is the content type of the expositions here.
const text = "text/plain; version=0.0.4; charset=utf-8"

// exposed is an answer with an exposition.
func exposed(body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {text}},
		Body: io.NopCloser(strings.NewReader(body))}
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

// counting is an endpoint whose counters move as told; the one of its own scrapes moves by itself.
type counting struct {
	took     time.Duration
	work     atomic.Int64
	inFlight atomic.Int64
	scrapes  atomic.Int64
	broken   atomic.Bool
	born     atomic.Bool // has a series that was not there before
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(c.took):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if c.broken.Load() {
		return nil, errors.New("connection refused")
	}
	late := ""
	if c.born.Load() {
		late = "# TYPE late_total counter\nlate_total 7\n"
	}
	n := c.scrapes.Add(1)
	return exposed(late + fmt.Sprintf(`# TYPE work_total counter
work_total %d
# TYPE in_flight gauge
in_flight %d
# TYPE http_requests_total counter
http_requests_total{path="/metrics"} %d
http_requests_total{path="/work"} %d
# TYPE http_seconds histogram
http_seconds_bucket{path="/metrics",le="0.1"} %d
http_seconds_bucket{path="/metrics",le="+Inf"} %d
http_seconds_sum{path="/metrics"} %g
http_seconds_count{path="/metrics"} %d
# TYPE go_gc_total counter
go_gc_total %d
`, c.work.Load(), 1+c.inFlight.Load(), n, c.work.Load(), n/2, n, float64(n)*1.1, n, n)), nil
}

func TestPeriodicScrapesComeLateByAFractionAndNeverOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop(t, &counting{took: 100 * time.Millisecond})
		var sent []time.Duration
		start := time.Now()
		l.Around(func(time.Time) { sent = append(sent, time.Since(start)) }, func(Round) {})
		l.Start(t.Context(), time.Second)
		time.Sleep(10500 * time.Millisecond)
		l.Close()
		require.Len(t, sent, 10)
		for i, d := range sent {
			due := time.Duration(i+1) * time.Second
			require.GreaterOrEqual(t, d, due)
			require.Less(t, d, due+200*time.Millisecond)
		}
		stats := l.Stats()[0]
		require.Equal(t, 10, stats.Count)
		require.Zero(t, stats.Missed)
		require.Equal(t, time.Second, stats.Took)
		require.Equal(t, 8, stats.Series-1)
	})
}

func TestScrapesDueWhileOneIsUnderWayAreMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop(t, &counting{took: 3300 * time.Millisecond})
		l.Start(t.Context(), time.Second)
		time.Sleep(20 * time.Second)
		l.Close()
		stats := l.Stats()[0]
		require.Equal(t, 20, stats.Count+stats.Missed+1, "every due time is accounted for: %+v", stats)
		require.InDelta(t, 5, stats.Count, 1)
	})
}

func TestAnEdgeScrapeGoesBeforePeriodicOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop(t, &counting{took: 700 * time.Millisecond})
		l.Start(t.Context(), time.Second)
		time.Sleep(2800 * time.Millisecond) // the second one ended
		_, err := l.Now(t.Context(), "edge")
		require.NoError(t, err)
		time.Sleep(time.Second)
		l.Close()
		require.Equal(t, 1, l.Stats()[0].Missed)
		require.Len(t, l.Moments(), 1)
		require.Equal(t, "missed", l.Moments()[0].What)
	})
}

// What we cut ourselves would count as a failure of the endpoint, and its own count of scrapes
// would be in doubt.
func TestTheScrapeUnderWayIsFinishedWhenTheLoopStops(t *testing.T) {
	for took, failed := range map[time.Duration]int{300 * time.Millisecond: 0, 4 * time.Second: 1} {
		synctest.Test(t, func(t *testing.T) {
			l := newLoop(t, &counting{took: took})
			l.Start(t.Context(), time.Second)
			time.Sleep(1250 * time.Millisecond) // the first one is under way
			stopping := time.Now()
			l.Close()
			require.Less(t, time.Since(stopping), finishTime+time.Millisecond)
			stats := l.Stats()[0]
			require.Equal(t, []int{1, failed}, []int{stats.Count, stats.Failed}, "a scrape of %s", took)
		})
	}
}

func TestHooksFrameTheScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counting{took: 100 * time.Millisecond}
		l := newLoop(t, c)
		defer l.Close()
		client := labels.FromStrings(model.MetricNameLabel, "client_total")
		snapshot := func(t time.Time) {
			b := l.store.At(t)
			b.AddCounter(client, float64(c.work.Add(1)))
			if err := b.Commit(); err != nil {
				panic(err)
			}
		}
		l.Around(snapshot, func(r Round) { snapshot(r.After) })
		first, err := l.Now(t.Context(), Baseline)
		require.NoError(t, err)
		require.Equal(t, 100*time.Millisecond, first.After.Sub(first.At))
		second, err := l.Now(t.Context(), "final")
		require.NoError(t, err)
		require.True(t, second.At.After(first.After))

		w := facts.Window{Start: first.At, End: second.At}
		require.Equal(t, map[string]float64{`{}`: 2}, ask(t, l.store, `sum(increase(client_total[range()] anchored))`, w))
		require.Equal(t, map[string]float64{`{}`: 2}, ask(t, l.store, `sum(increase(work_total[range()] anchored))`, w))
		for _, name := range []string{"baseline-e0.txt", "final-e0.txt"} {
			body, err := os.ReadFile(filepath.Join(l.dir, name))
			require.NoError(t, err)
			require.Contains(t, string(body), "# TYPE work_total counter")
		}
	})
}

func TestOneFailingEndpointSpoilsTheBaselineForItselfAndTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, bad := &counting{}, &counting{}
		bad.broken.Store(true)
		l := newLoop(t, good, bad)
		defer l.Close()
		round, err := l.Now(t.Context(), Baseline)
		require.EqualError(t, err, "scrape http://e1.test/metrics: connection refused")
		require.NoError(t, round.Readings[0].Err)
		require.Equal(t, 1, l.Stats()[1].Failed)
		require.EqualError(t, l.Stats()[1].Err, err.Error())
		require.Equal(t, []Moment{{round.At, "e1", "failed"}}, l.Moments())

		bad.broken.Store(false)
		good.born.Store(true)
		bad.born.Store(true)
		next, err := l.Now(t.Context(), "")
		require.NoError(t, err)
		counted := ask(t, l.store, `increase(late_total[range()] anchored)`, facts.Window{Start: round.At, End: next.At})
		require.EqualValues(t, 7, counted[`{endpoint="e0"}`], "it began at 0 at the baseline: %v", counted)
		require.Zero(t, counted[`{endpoint="e1"}`], "what it counted before is not known: %v", counted)
	})
}

func TestRestLearnsWhatScrapingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counting{}
		l := newLoop(t, c)
		defer l.Close()
		rest, err := l.Rest(t.Context(), 5*time.Second)
		require.NoError(t, err)
		require.True(t, rest.Quiet, "%+v", rest)
		require.Equal(t, []string{`http_requests_total{endpoint="e0", path="/metrics"}`, `http_seconds{endpoint="e0", path="/metrics"}`}, rest.Exempt)

		quiet, err := l.Quiet(t.Context(), 5*time.Second, 0, "in_flight")
		require.NoError(t, err)
		require.True(t, quiet.Quiet)
	})
}

// A service whose own /metrics is timed has counted the scrapes before, too: what it has counted by
// then is no step.
func TestAWarmServiceComesToRest(t *testing.T) {
	for n := range 20 {
		synctest.Test(t, func(t *testing.T) {
			c := &counting{}
			c.scrapes.Store(int64(1000 + 37*n))
			c.work.Store(int64(5000 * n))
			l := newLoop(t, c)
			defer l.Close()
			rest, err := l.Rest(t.Context(), 5*time.Second)
			require.NoError(t, err)
			require.True(t, rest.Quiet, "%+v", rest)
		})
	}
}

// reading is an endpoint with one counter.
type reading func() float64

func (value reading) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(10 * time.Millisecond)
	return exposed(fmt.Sprintf("# TYPE estimate_total counter\nestimate_total %g\n", value())), nil
}

// What a scrape allocates is an estimate: it moves with every scrape, sometimes hardly. Somebody
// else's requests move a counter with time.
func TestRestTellsWhatLookingMovesFromWhatTimeMoves(t *testing.T) {
	for name, row := range map[string]struct {
		step  func(scrape int) float64
		quiet bool
	}{
		"steps of very different lengths":  {func(n int) float64 { return []float64{10, 14, 8, 9, 1, 12, 3, 11}[n%8] }, true},
		"none in a look, and then several": {func(n int) float64 { return []float64{10, 10, 10, 10, 0, 10, 0, 30}[n%8] }, true},
		"steps that time takes":            {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, n, total := time.Now(), 0, 1000.0
				l := newLoop(t, reading(func() float64 {
					if row.step == nil {
						return 1000 + time.Since(start).Seconds()*50
					}
					total += row.step(n)
					n++
					return total
				}))
				defer l.Close()
				rest, err := l.Rest(t.Context(), 5*time.Second)
				require.NoError(t, err)
				require.Equal(t, row.quiet, rest.Quiet, "%+v", rest)
				if !row.quiet {
					require.Equal(t, []string{`estimate_total{endpoint="e0"}`}, rest.Moving)
				}
			})
		})
	}
}

func TestQuietWaitsForCountersAndGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counting{}
		l := newLoop(t, c)
		defer l.Close()
		_, err := l.Rest(t.Context(), 5*time.Second)
		require.NoError(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		c.inFlight.Store(1)
		go func() {
			for range 20 { // two seconds of work, and one more until the request is done
				time.Sleep(100 * time.Millisecond)
				c.work.Add(1)
			}
			time.Sleep(time.Second)
			c.inFlight.Store(0)
		}()
		start := time.Now()
		l.Start(ctx, 250*time.Millisecond) // scrapes in between do not hide a move
		quiet, err := l.Quiet(t.Context(), 10*time.Second, 0, "in_flight")
		require.NoError(t, err)
		require.True(t, quiet.Quiet)
		require.GreaterOrEqual(t, time.Since(start), 3*time.Second)
		require.Less(t, time.Since(start), 4*time.Second)
		cancel()

		c.inFlight.Store(1)
		quiet, err = l.Quiet(t.Context(), time.Second, 0, "in_flight")
		require.NoError(t, err)
		require.False(t, quiet.Quiet)
		require.Equal(t, []string{`in_flight{endpoint="e0"}`}, quiet.Moving)
	})
}

func TestQuietNamesWhatStillMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counting{}
		l := newLoop(t, c)
		defer l.Close()
		_, err := l.Rest(t.Context(), 5*time.Second)
		require.NoError(t, err)
		l.Around(func(time.Time) { c.work.Add(1) }, func(Round) {})
		quiet, err := l.Quiet(t.Context(), 2*time.Second, 0)
		require.NoError(t, err)
		require.False(t, quiet.Quiet)
		require.Equal(t, []string{`http_requests_total{endpoint="e0", path="/work"}`, `work_total{endpoint="e0"}`}, quiet.Moving)

		c.broken.Store(true)
		quiet, err = l.Quiet(t.Context(), time.Second, 0)
		require.NoError(t, err)
		require.False(t, quiet.Quiet)
		require.EqualError(t, quiet.Err, "scrape http://e0.test/metrics: connection refused")

		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("interrupted"))
		_, err = l.Quiet(ctx, time.Second, 0)
		require.EqualError(t, err, "interrupted")
	})
}

// probed is a service that somebody asks for its health, beside the run.
type probed struct {
	start time.Time
	rate  func(sec float64) float64 // probes by then
	work  atomic.Int64
}

func (p *probed) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(5 * time.Millisecond)
	return exposed(fmt.Sprintf(`# TYPE requests_total counter
requests_total{route="healthz"} %g
requests_total{route="work"} %d
`, 5000+math.Floor(p.rate(time.Since(p.start).Seconds())), p.work.Load())), nil
}

func TestRestLearnsTheRateOfOtherTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &probed{start: time.Now(), rate: func(s float64) float64 { return 5 * s }}
		l := newLoop(t, p)
		defer l.Close()
		rest, err := l.Rest(t.Context(), 10*time.Second)
		require.NoError(t, err)
		require.Less(t, time.Since(p.start), 7*time.Second, "a steady rate is no reason to wait longer")
		require.Len(t, rest.Others, 1)
		m := rest.Others[0]
		require.Equal(t, `requests_total{endpoint="e0", route="healthz"}`, m.Name())
		require.InDelta(t, 5, m.Rate, 0.3)
		require.True(t, m.Steady, "%+v", m)
		require.Greater(t, m.Most(20*time.Second), 100.0)
		require.Less(t, m.Most(20*time.Second), 220.0)

		p.work.Add(300)
		after := time.Now()
		quiet, err := l.Quiet(t.Context(), 10*time.Second, 0)
		require.NoError(t, err)
		require.True(t, quiet.Quiet, "%+v", quiet)
		require.Empty(t, quiet.Others)
		require.Less(t, time.Since(after), time.Second, "what moved before the load is not waited for")
	})
}

func TestOtherTrafficWithoutASteadyRate(t *testing.T) {
	for name, row := range map[string]struct {
		rate   func(s float64) float64
		steady bool
	}{
		"it grows":              {func(s float64) float64 { return 100 * math.Exp2(s) }, false},
		"it came once, and was": {func(s float64) float64 { return min(7, math.Floor(s*20)) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &probed{start: time.Now(), rate: row.rate}
				l := newLoop(t, p)
				defer l.Close()
				rest, err := l.Rest(t.Context(), 10*time.Second)
				require.NoError(t, err)
				require.Len(t, rest.Others, 1)
				require.False(t, rest.Others[0].Steady, "%+v", rest.Others)
			})
		})
	}
}

func TestQuietNamesAClientThatCameLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &probed{start: time.Now(), rate: func(s float64) float64 { return 20 * max(0, s-3) }}
		l := newLoop(t, p)
		defer l.Close()
		rest, err := l.Rest(t.Context(), 10*time.Second)
		require.NoError(t, err)
		require.True(t, rest.Quiet)
		require.Empty(t, rest.Others)
		time.Sleep(4 * time.Second)
		quiet, err := l.Quiet(t.Context(), 5*time.Second, 0)
		require.NoError(t, err)
		require.False(t, quiet.Quiet)
		require.Len(t, quiet.Others, 1)
		require.InDelta(t, 20, quiet.Others[0].Rate, 1)
	})
}

// An exposition that is rebuilt every second is quiet when it has been so for longer.
func TestQuietWaitsForWhatLags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done atomic.Int64
		start := time.Now()
		shown, built := int64(0), -1.0
		l := newLoop(t, reading(func() float64 {
			if period := math.Floor(time.Since(start).Seconds()); period != built {
				shown, built = done.Load(), period
			}
			return float64(shown)
		}))
		defer l.Close()
		_, err := l.Rest(t.Context(), 5*time.Second)
		require.NoError(t, err)
		time.Sleep(time.Second)
		done.Store(500)
		quiet, err := l.Quiet(t.Context(), 10*time.Second, 1500*time.Millisecond)
		require.NoError(t, err)
		require.True(t, quiet.Quiet)
		require.EqualValues(t, 500, shown)
	})
}

// A client that is not steady keeps the counters from coming to rest. The one that is goes on as it
// did before the load, and what is known of its rate stays true.
func TestASteadyClientIsNotNamedForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &probed{start: time.Now(), rate: func(s float64) float64 { return 5 * s }}
		l := newLoop(t, p)
		defer l.Close()
		rest, err := l.Rest(t.Context(), 10*time.Second)
		require.NoError(t, err)
		require.Len(t, rest.Others, 1)
		require.True(t, rest.Others[0].Steady)

		l.Around(func(time.Time) { p.work.Add(1) }, func(Round) {})
		quiet, err := l.Quiet(t.Context(), 5*time.Second, 0)
		require.NoError(t, err)
		require.False(t, quiet.Quiet)
		require.Len(t, quiet.Others, 1)
		require.Equal(t, `requests_total{endpoint="e0", route="work"}`, quiet.Others[0].Name())
	})
}
