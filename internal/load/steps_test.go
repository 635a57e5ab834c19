package load

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
	"brrtload/internal/pipetest"
)

func TestStepsOfAHit(t *testing.T) {
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{get: /}]\n")
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			server := pipetest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(300 * time.Millisecond)
				_, _ = io.WriteString(w, "a first part")
				w.(http.Flusher).Flush()
				time.Sleep(700 * time.Millisecond)
				_, _ = io.WriteString(w, "a second")
			}))
			var steps Steps
			require.NoError(t, Run(t.Context(), p, NewLedger(p), Options{
				BaseURL: "http://pipe", Connections: 64, Timeout: time.Minute, Dial: server.Dial, Engine: engine, Steps: &steps,
			}))
			s := steps.Snapshot()
			require.Equal(t, uint64(10), s[hit.FirstByte].Count())
			require.InEpsilon(t, 300*time.Millisecond, s[hit.FirstByte].Quantile(0.5), 0.001)
			require.InEpsilon(t, 700*time.Millisecond, s[hit.Transfer].Quantile(0.5), 0.001)
		})
	}
}

func TestStepsOfAConnection(t *testing.T) {
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		var c counting
		p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 100, duration: 100ms}]\nrequests: [{get: /}]\n")
		server, client := certificates(t)
		var steps Steps
		s := c.start(t, server, nil)
		require.NoError(t, Run(t.Context(), p, NewLedger(p), Options{
			BaseURL: s.URL, Connections: 1, Timeout: 10 * time.Second, Engine: engine, TLS: client, NoKeepAlive: true, Steps: &steps,
		}))
		got := steps.Snapshot()
		require.GreaterOrEqual(t, got[hit.Connect].Count(), uint64(10))
		require.GreaterOrEqual(t, got[hit.Handshake].Count(), uint64(10))
	}
}

func TestAConnectionIsReplacedAfterItsLifetime(t *testing.T) {
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 10s}]\nrequests: [{get: /}]\n")
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			server := pipetest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			l := NewLedger(p)
			require.NoError(t, Run(t.Context(), p, l, Options{
				BaseURL: "http://pipe", Connections: 1, Timeout: time.Minute, Dial: server.Dial, Engine: engine, Lifetime: 2050 * time.Millisecond,
			}))
			require.Equal(t, uint64(100), l.Snapshot().Rows[0].Hits, "and no hit is lost by it")
			require.GreaterOrEqual(t, server.Accepted(), 5)
			require.LessOrEqual(t, server.Accepted(), 6)
		})
	}
}
