package load

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/internal/pipetest"
)

// aMinute is one of every kind of stage.
const aMinute = `
target: {url: http://example.test}
timeout: 5s
warmup: {rate: 7, duration: 5s}
stages:
  - {rate: 33.3, duration: 10s}
  - {from: 1, to: 50, duration: 10s}
  - {pause: 5s}
  - {from: 10, to: 20, steps: 3, duration: 10s}
  - {rate: 5, peak: 80, rise: 1s, hold: 2s, duration: 10s}
  - {rate: 20, amplitude: 20, period: 4s, duration: 10s}
requests: [{get: "/{{.Seq}}"}]
`

func TestEveryHitOfAMinuteIsSentExactlyWhenDue(t *testing.T) {
	p := planOf(t, aMinute)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var start time.Time
		arrived := map[string]time.Duration{}
		server := pipetest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			mu.Lock()
			arrived[r.URL.Path] = time.Since(start)
			mu.Unlock()
			time.Sleep(300 * time.Millisecond) // replies must not hold hits up
		}))
		l := NewLedger(p)
		require.NoError(t, Run(t.Context(), p, l, Options{
			BaseURL: "http://pipe", Connections: 64, Timeout: 5 * time.Second, Dial: server.Dial,
			Began: func(at time.Time) { start = at },
		}))
		require.Equal(t, p.Hits(), l.Snapshot().Done)
		require.Len(t, arrived, int(p.Hits()))
		for n := range p.Hits() {
			require.Equal(t, p.Due(n), arrived[p.Hit(n).Message.Path], "hit %d", n)
		}
		s := l.Snapshot()
		require.Zero(t, s.Lag.Max().Truncate(time.Microsecond))
		require.Zero(t, s.Dropped())
		require.Equal(t, 60*time.Second, p.Length())
		for _, timing := range s.Timings {
			require.InEpsilon(t, 300*time.Millisecond, timing.Latency.Quantile(0.5), 0.001)
		}
	})
}

func TestNothingIsSentBeforeItIsDue(t *testing.T) {
	p := planOf(t, `
target: {url: http://example.test}
stages: [{from: 100, to: 4000, duration: 500ms}]
requests: [{get: /}]
`)
	pacer, err := newPacer(p.Schedule(), 1, false)
	require.NoError(t, err)
	defer func() { require.NoError(t, pacer.close()) }()
	pacer.start = time.Now()
	pacer.dispatcher.waits = func(uint64, time.Duration) {}
	var working sync.WaitGroup
	working.Go(func() {
		n := uint64(0)
		pacer.dispatcher.work(func(_ int, task task) {
			assert.Equal(t, n, task.n)
			assert.GreaterOrEqual(t, pacer.since(), p.Due(n), "hit %d", n)
			n++
		})
		assert.Equal(t, p.Hits(), n)
	})
	pacer.run()
	working.Wait()
}

func TestStopEndsAWaitAtOnce(t *testing.T) {
	for name, coarse := range map[string]bool{"a kernel timer": false, "Go's timer": true} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, `
target: {url: http://example.test}
stages: [{rate: 1/h, duration: 2h}]
requests: [{get: /}]
`)
			pacer, err := newPacer(p.Schedule(), 0, coarse)
			require.NoError(t, err)
			defer func() { require.NoError(t, pacer.close()) }()
			pacer.start = time.Now()
			pacer.dispatcher.waits = func(uint64, time.Duration) {} // hit 0 finds no worker
			var waiting sync.WaitGroup
			waiting.Go(pacer.run) // hit 1 is due in an hour: only stop can end this within the test's time
			pacer.wait.Stop()
			waiting.Wait()
			pacer.run() // nor does it wait later
		})
	}
}
