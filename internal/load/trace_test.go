package load

import (
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const halfTraced = `
target: {url: http://example.test}
stages: [{rate: 1000, duration: 1s}]
traces: {ratio: 0.5}
requests: [{get: /a}, {post: /b, body: hello}]
`

func TestTracedHitsCarryTheirTraceparent(t *testing.T) {
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		t.Run(string(engine), func(t *testing.T) {
			var mu sync.Mutex
			var got [][]string
			server := serveScript(t, nil, func(c net.Conn, r *http.Request) bool {
				mu.Lock()
				got = append(got, r.Header["Traceparent"])
				mu.Unlock()
				return say(plainResponse)(c, r)
			})
			p := planOf(t, halfTraced)
			l := NewLedger(p)
			c := carrying(t, p, Options{BaseURL: "http://" + server.Addr().String(), Connections: 1, Timeout: 10 * time.Second, Engine: engine})
			var want [][]string
			traced := uint64(0)
			for n := range uint64(20) {
				h := p.Hit(n)
				var field []string
				if !h.Trace.IsZero() {
					traced++
					field = []string{h.Trace.String()}
				}
				want = append(want, field)
				l.Begin()
				l.Add(h, c.carry(h))
			}
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, want, got)
			require.Greater(t, traced, uint64(3))
			var counted uint64
			for _, row := range l.Snapshot().Rows {
				if row.Traced {
					counted += row.Hits
				}
			}
			require.Equal(t, traced, counted, "the ledger knows which")
		})
	}
}
