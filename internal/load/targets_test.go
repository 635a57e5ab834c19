package load

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/pace"
	"brrtload/internal/pipetest"
)

func TestTargetsShareALoadAndKeepTheirConnections(t *testing.T) {
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1h}]\nrequests: [{get: \"/{{.Seq}}\"}]\n")
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var paths [2][]string
			var servers [2]*pipetest.Server
			var options []Options
			for i := range servers {
				servers[i] = pipetest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					mu.Lock()
					paths[i] = append(paths[i], r.URL.Path)
					mu.Unlock()
					time.Sleep(20 * time.Millisecond)
				}))
				options = append(options, Options{BaseURL: "http://pipe", Connections: 4, Timeout: time.Minute,
					Engine: engine, Dial: servers[i].Dial})
			}
			targets, err := NewTargets(p, options...)
			require.NoError(t, err)
			defer targets.Close()
			hits := pace.NewSchedule(pace.Constant{Rate: 100 * pace.PerSecond, Duration: 80 * time.Millisecond})
			route := func(n uint64) (int, uint64) { return int(n % 2), 100 + n/2 }
			for range 2 {
				time.Sleep(time.Hour) // between two loads
				ledgers := []*Ledger{NewLedger(p), NewLedger(p)}
				require.NoError(t, targets.Run(t.Context(), hits, route, ledgers, nil))
				for _, l := range ledgers {
					s := l.Snapshot()
					require.Equal(t, uint64(4), s.Done)
					require.Less(t, s.Lag.Quantile(1), time.Microsecond, "every hit is sent when it is due in its load")
					require.InEpsilon(t, 20*time.Millisecond, s.Timings[0].Latency.Quantile(1), 0.001)
				}
			}
			require.Equal(t, [2][]string{
				{"/100", "/101", "/102", "/103", "/100", "/101", "/102", "/103"}, {"/100", "/101", "/102", "/103", "/100", "/101", "/102", "/103"},
			}, paths)
			for _, s := range servers {
				require.LessOrEqual(t, s.Accepted(), 4, "connections are made once, and when a hit needs one")
				require.GreaterOrEqual(t, s.Accepted(), 1)
			}
		})
	}
}

func TestTargetsThatCannotBeReachedAreNamed(t *testing.T) {
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{get: /}]\n")
	_, err := NewTargets(p, Options{BaseURL: "http://127.0.0.1:1", Connections: 1, Timeout: time.Second})
	require.ErrorContains(t, err, "http://127.0.0.1:1: connect to the target")
}
