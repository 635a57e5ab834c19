package load

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
)

// TestLedgerIsExact sends hits that meet everything which may happen to a hit, and holds the ledger
// against what the server saw of each: nothing is sent twice, and what the server counted lies
// between the certain and the certain with the ambiguous.
func TestLedgerIsExact(t *testing.T) {
	p := planOf(t, `
target: {url: http://example.test}
stages: [{rate: max, duration: 10m, hits: `+strconv.Itoa(exactHits)+`}]
requests:
  - {get: "/{{.Seq}}", expect: [200, 302]}
  - {post: "/{{.Seq}}", body: hello, expect: [200, 302]}
`)
	var found []exactness
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		t.Run(string(engine), func(t *testing.T) {
			seen := make([]atomic.Uint32, exactHits)
			var answered, redirected, cut, unanswered atomic.Uint64
			server := serveScript(t, nil, func(c net.Conn, r *http.Request) bool {
				n, err := strconv.Atoi(r.URL.Path[1:])
				if err != nil || n >= exactHits {
					t.Errorf("a request for %q", r.URL.Path)
					return false
				}
				seen[n].Add(1)
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					return false
				}
				const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
				switch n % 97 {
				case 1: // the connection goes stale: it is closed after an answer that did not say so
					answered.Add(1)
					return then(say(ok))(c, r)
				case 2:
					unanswered.Add(1)
					return reset(say(""))(c, r)
				case 3:
					unanswered.Add(1)
					return false
				case 4:
					cut.Add(1)
					return then(say(ok[:len(ok)-2]))(c, r)
				case 5:
					redirected.Add(1)
					return say("HTTP/1.1 302 Found\r\nLocation: /0\r\nContent-Length: 0\r\n\r\n")(c, r)
				case 6:
					answered.Add(1)
					return say("HTTP/1.1 103 Early Hints\r\n\r\n"+ok)(c, r)
				case 7:
					answered.Add(1)
					return then(say("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"))(c, r)
				default:
					answered.Add(1)
					return say(ok)(c, r)
				}
			})
			l := NewLedger(p)
			require.NoError(t, Run(t.Context(), p, l, Options{
				BaseURL: "http://" + server.Addr().String(), Connections: 16, Timeout: 10 * time.Second, Engine: engine,
			}))
			s := l.Snapshot()
			require.Equal(t, uint64(exactHits), s.Done)
			byOutcome, byStatus := map[hit.Outcome]uint64{}, map[int]uint64{}
			for _, row := range s.Rows {
				byOutcome[row.Outcome] += row.Hits
				if row.Outcome == hit.Answered {
					byStatus[row.Status] += row.Hits
				}
				require.NotEqual(t, hit.TimedOut, row.Kind)
			}
			total, repeated := uint64(0), uint64(0)
			for n := range seen {
				if seen[n].Load() > 1 {
					t.Logf("hit %d was sent %d times", n, seen[n].Load())
					repeated++
				}
				total += uint64(seen[n].Load())
			}
			require.Zero(t, repeated)
			certain := byOutcome[hit.Answered] + byOutcome[hit.Cut]
			require.GreaterOrEqual(t, total, certain)
			require.LessOrEqual(t, total, certain+byOutcome[hit.Ambiguous])
			require.Equal(t, map[int]uint64{200: answered.Load(), 302: redirected.Load()}, byStatus)
			require.Equal(t, cut.Load(), byOutcome[hit.Cut])
			require.GreaterOrEqual(t, byOutcome[hit.Ambiguous], unanswered.Load(), "some may have met a stale connection, and not the server")
			require.GreaterOrEqual(t, unanswered.Load(), uint64(exactHits/97))
			found = append(found, exactness{string(engine), s.Done, total, repeated, byOutcome})
		})
	}
	if !t.Failed() {
		keepEvidence(t, "load-exact.json", found)
	}
}
