package load

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"brrtload/internal/pipetest"
)

// quantile returns the least of the durations that a share q of them does not exceed.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

// requireQuantiles holds a histogram against all the durations that it should have counted, within
// its precision.
func requireQuantiles(t *testing.T, truth []time.Duration, h *Histogram) {
	t.Helper()
	slices.Sort(truth)
	require.Equal(t, uint64(len(truth)), h.Count())
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999, 1} {
		want := quantile(truth, q)
		require.InDelta(t, want, h.Quantile(q), float64(want)/1000+float64(time.Microsecond), "quantile %g", q)
	}
}

func TestQuantilesEqualTheTruth(t *testing.T) {
	p := planOf(t, `
target: {url: http://example.test}
timeout: 1m
stages: [{rate: 100, duration: 20s}]
requests: [{get: "/{{.Seq}}"}]
`)
	took := func(n int) time.Duration { // skewed, as service times are, from 100 µs to two seconds
		return 100*time.Microsecond + time.Duration(2e9*math.Pow(float64(n*7919%2000)/2000, 8))
	}
	synctest.Test(t, func(t *testing.T) {
		server := pipetest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			n, err := strconv.Atoi(r.URL.Path[1:])
			if err != nil {
				t.Error(err)
			}
			time.Sleep(took(n))
		}))
		l := NewLedger(p)
		require.NoError(t, Run(t.Context(), p, l, Options{BaseURL: "http://pipe", Connections: 300, Timeout: time.Minute, Dial: server.Dial}))
		var truth []time.Duration
		for n := range int(p.Hits()) {
			truth = append(truth, took(n))
		}
		timing := l.Snapshot().Timings[0]
		requireQuantiles(t, truth, timing.Latency)
		requireQuantiles(t, truth, timing.Service)
	})
}

// stalling serves a target that answers at once, but for the last 500 ms of every 3 s, when it
// answers at their end.
func stalling(t *testing.T) *pipetest.Server {
	start := time.Now()
	return pipetest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		time.Sleep(stall(time.Since(start)))
	}))
}

// stall returns how long an answer to what arrives at t takes.
func stall(t time.Duration) time.Duration {
	if into := t % (3 * time.Second); into >= 2500*time.Millisecond {
		return 3*time.Second - into
	}
	return 0
}

func TestAStallCountsForEveryHitThatWasDueInIt(t *testing.T) {
	p := planOf(t, `
target: {url: http://example.test}
stages: [{rate: 1000, duration: 12s}]
requests: [{get: /}]
`)
	synctest.Test(t, func(t *testing.T) {
		l := NewLedger(p)
		require.NoError(t, Run(t.Context(), p, l, Options{BaseURL: "http://pipe", Connections: 10, Timeout: time.Minute, Dial: stalling(t).Dial}))
		var truth []time.Duration
		for n := range p.Hits() {
			truth = append(truth, stall(p.Due(n)))
		}
		s := l.Snapshot()
		requireQuantiles(t, truth, s.Timings[0].Latency)
		require.Less(t, s.Timings[0].Service.Quantile(0.99), time.Millisecond, "the service time alone hides the stall")
		require.Zero(t, s.Lag.Max().Truncate(time.Microsecond), "the generator was never late")
		require.Greater(t, s.Waiting.Quantile(0.99), 400*time.Millisecond, "hits waited for a connection")
	})
	synctest.Test(t, func(t *testing.T) { // what vegeta alone says of the same target with as few workers
		client := &http.Client{Transport: &http.Transport{DialContext: stalling(t).Dial, MaxIdleConnsPerHost: 10}}
		defer client.CloseIdleConnections()
		attacker := vegeta.NewAttacker(vegeta.Client(client), vegeta.Workers(10), vegeta.MaxWorkers(10))
		var metrics vegeta.Metrics
		targets := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: "http://pipe/"})
		for r := range attacker.Attack(targets, vegeta.ConstantPacer{Freq: 1000, Per: time.Second}, 12*time.Second, "") {
			metrics.Add(r)
		}
		metrics.Close()
		require.Less(t, metrics.Latencies.P99, 20*time.Millisecond, "where a tenth of its hits took 200 ms or more")
	})
}
