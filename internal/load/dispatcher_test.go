package load

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/clock"
	"brrtload/internal/pipetest"
)

const hundredASecond = "target: {url: http://example.test}\nstages: [{rate: 100, duration: 2s}]\nrequests: [{get: /}]\n"

// A hit that finds every connection busy is late by the target's doing.
func TestWaitingForAConnectionIsNotTheGeneratorsLag(t *testing.T) {
	p := planOf(t, hundredASecond)
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			l := NewLedger(p)
			require.NoError(t, Run(t.Context(), p, l, Options{BaseURL: "http://pipe", Connections: 1, Timeout: time.Minute, Engine: engine, Dial: taking(t, 26*time.Millisecond).Dial}))
			s := l.Snapshot()
			require.Equal(t, uint64(116), s.Sent, "one every 26 ms, for 3 s: the last second works the backlog off")
			require.Equal(t, uint64(115), s.Waiting.Count(), "all but the first found the connection busy")
			require.InEpsilon(t, 115*16*time.Millisecond, s.Waiting.Max(), 0.001, "hit n is due at 10n ms and sent at 26n")
			require.Equal(t, uint64(200), s.Lag.Count(), "the lag is known of those too that were never sent")
			require.Zero(t, s.Lag.Max().Truncate(time.Microsecond))
		})
	}
}

// lateWaiter returns late, as that of a generator does which gets no CPU.
type lateWaiter struct {
	waiter
	by time.Duration
}

func (w lateWaiter) Until(t time.Time, then clock.Upcoming) bool {
	return w.waiter.Until(t.Add(w.by), then)
}

// A generator that wakes late is late itself, whether a connection is free then or not.
func TestAGeneratorThatWakesLateLags(t *testing.T) {
	p := planOf(t, hundredASecond)
	for name, row := range map[string]struct {
		takes       time.Duration
		connections int
		waiting     uint64
	}{
		"connections enough":        {time.Millisecond, 64, 0},
		"every connection busy too": {35 * time.Millisecond, 1, 85},
	} {
		for _, engine := range []Engine{FastHTTP, Vegeta} {
			t.Run(name+" "+string(engine), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o := Options{BaseURL: "http://pipe", Connections: row.connections, Timeout: time.Minute, Engine: engine,
						Dial: taking(t, row.takes).Dial}
					l := NewLedger(p)
					pacer, err := newPacer(p.Schedule(), o.Connections, true)
					require.NoError(t, err)
					pacer.wait = lateWaiter{pacer.wait, 35 * time.Millisecond}
					a, c := atWork(t, p, o, pacer.since)
					pacer.start = time.Now()
					carryOut(t.Context(), pacer, a, newWhole(p, l, nil), pacer.start, nil, c.Cut)
					s := l.Snapshot()
					require.Equal(t, uint64(200), s.Lag.Count())
					require.InEpsilon(t, 35*time.Millisecond, s.Lag.Quantile(0.99), 0.001)
					require.InDelta(t, row.waiting, s.Waiting.Count(), 1)
				})
			})
		}
	}
}

// A closed loop keeps as many connections busy as there are, from the first moment to the last, and
// no more.
func TestAClosedLoopUsesItsConnections(t *testing.T) {
	p := planOf(t, "target: {url: http://example.test}\nwarmup: {rate: 10, duration: 1s}\nstages: [{rate: max, duration: 2050ms}]\nrequests: [{get: /}]\n")
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			busy, most := 0, 0
			server := pipetest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				mu.Lock()
				busy++
				most = max(most, busy)
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				mu.Lock()
				busy--
				mu.Unlock()
			}))
			l := NewLedger(p)
			require.NoError(t, Run(t.Context(), p, l, Options{BaseURL: "http://pipe", Connections: 7, Timeout: time.Minute, Engine: engine, Dial: server.Dial}))
			s := l.Snapshot()
			require.Equal(t, 7, most)
			require.Equal(t, uint64(10+7*21), s.Done, "the warm-up's ten, and a hit every 100 ms on each connection")
			require.Equal(t, 7, server.Accepted(), "one pool from the warm-up on")
			require.Equal(t, uint64(7*21), s.Lag.Count())
			require.Zero(t, s.Lag.Max().Truncate(time.Microsecond), "a closed loop owes its hits at no time of their own")
			require.Zero(t, s.Waiting.Count())
			require.Zero(t, s.Dropped())
		})
	}
}
