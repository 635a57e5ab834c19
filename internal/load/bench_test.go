package load

import (
	"context"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/dial"
	"brrtload/internal/load/hit"
)

const steadyMix = `
target: {url: http://example.test}
stages: [{rate: 5000, duration: 1h}]
credentials: {key: {api_key: {header: X-API-Key, value: the-key}}}
requests:
  - {get: /a, credential: key}
  - {post: /b, body: hello, weight: 2}
`

// parrot is a connection that answers every write with the same response, at no cost.
type parrot struct {
	net.Conn
	response string
	left     string
}

func (c *parrot) Write(b []byte) (int, error) {
	c.left = c.response
	return len(b), nil
}

func (c *parrot) Read(b []byte) (int, error) {
	n := copy(b, c.left)
	c.left = c.left[n:]
	return n, nil
}

func (c *parrot) Close() error { return nil }

func dialParrot(response string) dial.Func {
	return func(context.Context, string, string) (net.Conn, error) { return &parrot{response: response}, nil }
}

const plainResponse = "HTTP/1.1 200 OK\r\nServer: x\r\nDate: Mon, 23 Nov 2026 23:50:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"

func TestNothingIsAllocatedForAHit(t *testing.T) {
	for name, response := range map[string]string{
		"with a length": plainResponse,
		"chunked":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"without body":  "HTTP/1.1 204 No Content\r\n\r\n",
		"traced":        plainResponse,
	} {
		t.Run(name, func(t *testing.T) {
			mix := steadyMix
			if name == "traced" {
				mix += "traces: {}\n"
			}
			p := planOf(t, mix)
			o := Options{BaseURL: "http://parrot", Connections: 1, Timeout: time.Hour, Dial: dialParrot(response)}
			since := func() time.Duration { return time.Second }
			a, _ := atWork(t, p, o, since)
			whole := newWhole(p, NewLedger(p), nil)
			require.Zero(t, testing.AllocsPerRun(1000, func() { a.(*ownAttacker).send(0, task{n: 12345}, whole) }))
		})
	}
}

// BenchmarkHit is what a thousand hits cost, from the pacer to the ledger, when the network costs
// nothing. What is allocated is for the connections and the workers, not for the hits.
func BenchmarkHit(b *testing.B) {
	p := planOf(b, "target: {url: http://example.test}\nstages: [{rate: max, duration: 1h, hits: 1000}]\nrequests: [{get: /}]\n")
	l := NewLedger(p)
	b.ReportAllocs()
	for b.Loop() {
		if err := Run(b.Context(), p, l, Options{BaseURL: "http://parrot", Connections: 64, Timeout: time.Hour, Dial: dialParrot(plainResponse)}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAdd is what entering a result in the ledger costs.
func BenchmarkAdd(b *testing.B) {
	p := planOf(b, steadyMix)
	l := NewLedger(p)
	h := p.Hit(0)
	r := hit.Result{Sent: h.Due, Done: h.Due + time.Millisecond, Status: 200, Outcome: hit.Answered}
	b.ReportAllocs()
	for b.Loop() {
		l.Begin()
		l.Add(h, r)
	}
}

// BenchmarkSnapshot is what a reading of the ledger costs, four of them a second.
func BenchmarkSnapshot(b *testing.B) {
	p := planOf(b, steadyMix)
	l := NewLedger(p)
	for n := range uint64(10_000) {
		h := p.Hit(n)
		l.Begin()
		l.Add(h, hit.Result{Sent: h.Due, Done: h.Due + time.Duration(n)*10*time.Microsecond, Status: 200, Outcome: hit.Answered})
	}
	b.ReportAllocs()
	for b.Loop() {
		buckets := 0
		for _, timing := range l.Snapshot().Timings {
			for range timing.Latency.Buckets() {
				buckets++
			}
		}
		b.ReportMetric(float64(buckets), "buckets/op")
	}
}

// BenchmarkMillion is how much memory the ledger has after a million hits, and how much of it came
// after the first hundred thousand: none, for what it keeps is counts.
func BenchmarkMillion(b *testing.B) {
	p := planOf(b, steadyMix)
	for b.Loop() {
		before := heapInUse()
		l := NewLedger(p)
		enter := func(from, to uint64) float64 {
			for n := from; n < to; n++ {
				h := p.Hit(n)
				l.Begin()
				l.Add(h, hit.Result{Sent: h.Due, Done: h.Due + time.Duration(n%10_000)*10*time.Microsecond, Status: 200, Outcome: hit.Answered})
			}
			return heapInUse() - before
		}
		tenth := enter(0, 100_000)
		all := enter(100_000, 1_000_000)
		b.ReportMetric(all, "B-heap")
		b.ReportMetric((all-tenth)/900_000, "B-heap/further-hit")
		runtime.KeepAlive(l)
	}
}

// heapInUse is what is alive on the heap, in bytes.
func heapInUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
