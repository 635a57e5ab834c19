package load

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
	"brrtload/internal/pipetest"
)

const slowTarget = `
target: {url: http://example.test}
stages: [{rate: 10, duration: 1m}]
requests: [{get: /}]
`

// taking serves a target that takes d for an answer, or until the client goes away.
func taking(t *testing.T, d time.Duration) *pipetest.Server {
	return pipetest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		}
	}))
}

func TestStopDrains(t *testing.T) {
	p := planOf(t, slowTarget)
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			stop := make(chan struct{})
			time.AfterFunc(5050*time.Millisecond, func() { close(stop) })
			begun := time.Now()
			l := NewLedger(p)
			require.NoError(t, Run(t.Context(), p, l, Options{
				BaseURL: "http://pipe", Connections: 64, Timeout: time.Minute, Stop: stop, Dial: taking(t, 3*time.Second).Dial, Engine: engine,
			}))
			require.Equal(t, 8*time.Second, time.Since(begun), "hit 50, sent at 5 s, was waited for")
			s := l.Snapshot()
			require.Equal(t, []uint64{51, 51, 549}, []uint64{s.Sent, s.Done, s.Dropped()})
			require.Len(t, s.Rows, 1)
			require.Equal(t, hit.Answered, s.Rows[0].Outcome)
		})
	}
}

func TestACancelledRunIsCutAtOnce(t *testing.T) {
	p := planOf(t, slowTarget)
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("a second signal")
			time.AfterFunc(5050*time.Millisecond, func() { cancel(why) })
			begun := time.Now()
			l := NewLedger(p)
			require.ErrorIs(t, Run(ctx, p, l, Options{
				BaseURL: "http://pipe", Connections: 64, Timeout: time.Minute, Dial: taking(t, 3*time.Second).Dial, Engine: engine,
			}), why)
			require.Equal(t, 5050*time.Millisecond, time.Since(begun))
			s := l.Snapshot()
			require.Equal(t, uint64(51), s.Done)
			outcomes := map[hit.Outcome]uint64{}
			for _, row := range s.Rows {
				outcomes[row.Outcome] += row.Hits
				if row.Outcome == hit.Ambiguous {
					require.Equal(t, hit.Cancelled, row.Kind)
				}
			}
			require.Equal(t, map[hit.Outcome]uint64{hit.Answered: 21, hit.Ambiguous: 30}, outcomes)
		})
	}
}

func TestStopAndThenCut(t *testing.T) {
	p := planOf(t, slowTarget)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		stop := make(chan struct{})
		time.AfterFunc(5050*time.Millisecond, func() { close(stop) })
		time.AfterFunc(6050*time.Millisecond, cancel)
		begun := time.Now()
		l := NewLedger(p)
		require.ErrorIs(t, Run(ctx, p, l, Options{
			BaseURL: "http://pipe", Connections: 64, Timeout: time.Minute, Stop: stop, Dial: taking(t, 3*time.Second).Dial,
		}), context.Canceled)
		require.Equal(t, 6050*time.Millisecond, time.Since(begun))
	})
}

func TestABacklogIsSentForASecondAndThenDropped(t *testing.T) {
	p := planOf(t, `
target: {url: http://example.test}
stages: [{rate: 10, duration: 10s}]
requests: [{get: /}]
`)
	synctest.Test(t, func(t *testing.T) {
		l := NewLedger(p)
		require.NoError(t, Run(t.Context(), p, l, Options{BaseURL: "http://pipe", Connections: 1, Timeout: time.Minute, Dial: taking(t, 900*time.Millisecond).Dial}))
		s := l.Snapshot()
		require.Equal(t, []uint64{100, 13, 87}, []uint64{s.Planned, s.Sent, s.Dropped()}, "the last is sent at 10.8 s")
	})
}

func TestTimeouts(t *testing.T) {
	p := planOf(t, `
target: {url: http://example.test}
stages: [{rate: 10, duration: 2s}]
requests: [{get: /}]
`)
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			l := NewLedger(p)
			require.NoError(t, Run(t.Context(), p, l, Options{
				BaseURL: "http://pipe", Connections: 64, Timeout: time.Second, Dial: taking(t, time.Hour).Dial, Engine: engine,
			}))
			s := l.Snapshot()
			require.Len(t, s.Rows, 1)
			require.Equal(t, []any{hit.Ambiguous, hit.TimedOut, uint64(20)}, []any{s.Rows[0].Outcome, s.Rows[0].Kind, s.Rows[0].Hits})
			require.GreaterOrEqual(t, s.Timings[0].Service.Quantile(0), 999*time.Millisecond)
			require.Less(t, s.Timings[0].Service.Max(), 1050*time.Millisecond)
		})
	}
}
