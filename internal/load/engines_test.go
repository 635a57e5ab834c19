package load

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
	"brrtload/internal/pipetest"
	"brrtload/scenarios"
)

// everything has hits that come to every end that does not depend on the machine. %s is its stages.
const everything = `
target: {url: http://example.test}
%s
traces: {ratio: 0.5}
credentials:
  key: {api_key: {header: X-API-Key, value: the-key}}
  wrong: {basic: {username: ann, password: not-it}}
requests:
  - {name: page, get: "/page/{{.Seq}}?a=%%2F", credentials: [key, wrong, none], expect: [200, 401], weight: 60}
  - {name: form, post: "/form/{{.Seq}}", body: "number={{.Seq}}", credential: key, expect: [201], weight: 20}
  - {name: moved, get: "/moved/{{.Seq}}", expect: [302], weight: 4, checks: [{header: Location, matches: "1"}]}
  - {name: missing, delete: "/missing/{{.Seq}}", weight: 5}
  - {name: large, get: "/large/{{.Seq}}", weight: 2}
  - {name: head, head: "/large/{{.Seq}}", weight: 2}
  - {name: cut, get: "/cut/{{.Seq}}", weight: 3}
  - {name: unanswered, get: "/unanswered/{{.Seq}}", weight: 2}
  - {name: hanging, get: "/hanging/{{.Seq}}", weight: 2}
`

// recording is a server that notes every request that came, and when.
type recording struct {
	t  *testing.T
	mu sync.Mutex
	// start is when the load began. Without it times are not noted.
	start time.Time
	came  map[string]int
}

func (s *recording) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	assert.NoError(s.t, err)
	note := fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Host, " ", r.Header, " ", string(body))
	s.mu.Lock()
	if !s.start.IsZero() {
		note += fmt.Sprint(" ", time.Since(s.start))
	}
	s.came[note]++
	s.mu.Unlock()
	kind := strings.Split(r.URL.Path, "/")[1]
	switch kind {
	case "page":
		if r.Header.Get("X-API-Key") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, err = io.WriteString(w, "hello")
	case "form":
		w.WriteHeader(http.StatusCreated)
		_, err = w.Write(body)
	case "moved": // to where no client can go
		w.Header().Set("Location", "http://[::1")
		w.WriteHeader(http.StatusFound)
	case "missing":
		w.WriteHeader(http.StatusNotFound)
		_, err = io.WriteString(w, "there is no such thing")
	case "large":
		_, err = io.WriteString(w, strings.Repeat("x", 100_000))
	case "hanging":
		<-r.Context().Done()
	case "cut", "unanswered":
		conn, buffer, hijackErr := w.(http.Hijacker).Hijack()
		if !assert.NoError(s.t, hijackErr) {
			return
		}
		if kind == "cut" {
			_, err = buffer.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")
			assert.NoError(s.t, buffer.Flush())
		}
		assert.NoError(s.t, conn.Close())
	}
	assert.NoError(s.t, err)
}

// account is everything that two engines must agree on.
type account struct {
	came    map[string]int // by the server
	rows    []string
	timings map[string][]string // of a request in a stage: latency, service time
	lag     []string
	waiting []string
	counts  []uint64 // planned, sent, done, unsent, wanted, dropped
}

func accountOf(came map[string]int, s Snapshot) account {
	a := account{came: came, timings: map[string][]string{}, lag: buckets(s.Lag), waiting: buckets(s.Waiting),
		counts: []uint64{s.Planned, s.Sent, s.Done, s.Unsent, s.Wanted, s.Dropped()}}
	for _, r := range s.Rows {
		name := r.Request.Name.Value
		r.Request = nil
		a.rows = append(a.rows, fmt.Sprintf("%s %+v", name, r))
	}
	slices.Sort(a.rows)
	for _, timing := range s.Timings {
		name := fmt.Sprint(timing.Request.Name.Value, " in stage ", timing.Stage)
		a.timings[name] = append(buckets(timing.Latency), buckets(timing.Service)...)
	}
	return a
}

// buckets returns the populated buckets of a histogram, as text.
func buckets(h *Histogram) []string {
	var all []string
	for upper, n := range h.Buckets() {
		all = append(all, fmt.Sprint(upper, ": ", n))
	}
	return all
}

// inABubble carries the plan out with time faked, and returns what came of it.
func inABubble(t *testing.T, p *scenarios.Plan, engine Engine, connections int,
	handle func(*recording) http.Handler,
) (a account) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := &recording{t: t, came: map[string]int{}}
		l := NewLedger(p)
		require.NoError(t, Run(t.Context(), p, l, Options{
			BaseURL: "http://pipe", Connections: connections, Timeout: 2 * time.Second, Engine: engine,
			Dial: pipetest.Serve(t, handle(server)).Dial, Began: func(at time.Time) { server.start = at },
		}))
		a = accountOf(server.came, l.Snapshot())
	})
	return a
}

func itself(s *recording) http.Handler { return s }

// Both engines send the same hits at the same times and enter the same of each in the ledger: every
// count, every byte, and, with time faked, every latency, service time and lag.
func TestBothEnginesKeepTheSameLedger(t *testing.T) {
	hold := conformanceHits/100 - 6 // seconds at 100/s; the warm-up and the ramp have 600 hits
	p := planOf(t, fmt.Sprintf(everything, fmt.Sprintf(`
warmup: {rate: 50, duration: 2s}
stages:
  - {name: ramp, from: 10, to: 90, duration: 10s}
  - {name: hold, rate: 100, duration: %ds}`, hold)))
	require.Equal(t, uint64(conformanceHits), p.Hits())
	var both []account
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		a := inABubble(t, p, engine, 64, itself)
		require.Equal(t, uint64(conformanceHits), a.counts[2])
		for name := range a.timings { // how soon a time-out is noticed is each engine's own
			if strings.HasPrefix(name, "hanging") {
				delete(a.timings, name)
			}
		}
		both = append(both, a)
	}
	requireEqual(t, both[0], both[1])
	outcomes := strings.Join(both[0].rows, "\n")
	for _, outcome := range []hit.Outcome{hit.Answered, hit.Cut, hit.Ambiguous} {
		require.Contains(t, outcomes, "Outcome:"+string(outcome), "a run without such hits shows little")
	}
	require.Contains(t, outcomes, "Kind:timed out")
}

// requireEqual shows what differs, and not all that does not.
func requireEqual(t *testing.T, want, got account) {
	t.Helper()
	require.Equal(t, want.counts, got.counts)
	require.Equal(t, want.rows, got.rows)
	require.Equal(t, want.lag, got.lag)
	require.Equal(t, want.waiting, got.waiting)
	require.Equal(t, want.timings, got.timings)
	for note, times := range want.came {
		require.Equal(t, times, got.came[note], "%s", note)
	}
	require.Equal(t, len(want.came), len(got.came), "the same requests")
}

// With too few connections both engines have the same hits wait, as long, and drop the same number.
func TestBothEnginesWaitAlike(t *testing.T) {
	for name, stages := range map[string]string{
		"open loop":   "{rate: 50, duration: 10s}",
		"closed loop": "{rate: 5, duration: 2s}, {rate: max, duration: 5s}",
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, "target: {url: http://example.test}\nstages: ["+stages+"]\n"+
				"requests: [{get: '/page/{{.Seq}}', expect: [401]}]\n")
			var both []account
			for _, engine := range []Engine{FastHTTP, Vegeta} {
				both = append(both, inABubble(t, p, engine, 3, func(s *recording) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						time.Sleep(91 * time.Millisecond) // no hit ends when another is due, or the load ends
						s.ServeHTTP(w, r)
					})
				}))
			}
			requireEqual(t, both[0], both[1])
			if name == "open loop" {
				require.NotEmpty(t, both[0].waiting)
				require.NotZero(t, both[0].counts[5], "some are dropped")
			}
		})
	}
}

// Over sockets, as fast as the machine is, the counts are the same too.
func TestBothEnginesKeepTheSameLedgerOverSockets(t *testing.T) {
	p := planOf(t, strings.Replace(fmt.Sprintf(everything,
		fmt.Sprintf("stages: [{rate: max, duration: 1h, hits: %d}]", conformanceHits)),
		"  - {name: hanging, get: \"/hanging/{{.Seq}}\", weight: 2}\n", "", 1))
	var both []account
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		handler := &recording{t: t, came: map[string]int{}}
		server := httptest.NewServer(handler)
		l := NewLedger(p)
		require.NoError(t, Run(t.Context(), p, l, Options{
			BaseURL: "http://example.test", Connections: 16, Timeout: 10 * time.Minute, Engine: engine,
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
			},
		}))
		server.Close()
		a := accountOf(handler.came, l.Snapshot())
		require.Equal(t, uint64(conformanceHits), a.counts[2])
		a.lag, a.waiting, a.timings = nil, nil, nil
		both = append(both, a)
	}
	requireEqual(t, both[0], both[1])
}
