//go:build long

package load

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// TestAStallOnASocket is the test of the same name without a socket, on one: what brrtload and vegeta say of a target that
// stalls for half a second every three, both with ten workers. The times are the machine's, so that only their order is required.
func TestAStallOnASocket(t *testing.T) {
	start := time.Now()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(stall(time.Since(start))) }))
	defer server.Close()
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 1000, duration: 12s}]\nrequests: [{get: /}]\n")
	l := NewLedger(p)
	require.NoError(t, Run(t.Context(), p, l, Options{BaseURL: server.URL, Connections: 10, Timeout: time.Minute}))
	ours := l.Snapshot().Timings[0].Latency
	t.Logf("brrtload: p50 %s p90 %s p99 %s p99.9 %s", ours.Quantile(0.5), ours.Quantile(0.9), ours.Quantile(0.99), ours.Quantile(0.999))

	attacker := vegeta.NewAttacker(vegeta.Workers(10), vegeta.MaxWorkers(10))
	var metrics vegeta.Metrics
	targets := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: server.URL})
	for r := range attacker.Attack(targets, vegeta.ConstantPacer{Freq: 1000, Per: time.Second}, 12*time.Second, "") {
		metrics.Add(r)
	}
	metrics.Close()
	t.Logf("vegeta:   p50 %s p90 %s p99 %s", metrics.Latencies.P50, metrics.Latencies.P90, metrics.Latencies.P99)
	require.InDelta(t, 200*time.Millisecond, ours.Quantile(0.9), float64(100*time.Millisecond), "a tenth of the hits are due 200 ms or more before the end of a stall")
	require.InDelta(t, 470*time.Millisecond, ours.Quantile(0.99), float64(100*time.Millisecond))
	require.Less(t, metrics.Latencies.P90, ours.Quantile(0.9)/2)
}

// TestMemoryIsFlat holds the resident memory after ten minutes of load against that after one.
func TestMemoryIsFlat(t *testing.T) {
	server := serveScript(t, nil, func(c net.Conn, r *http.Request) bool {
		return say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")(c, r)
	})
	server.forget = true
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 1000, duration: 10m30s}]\nrequests: [{get: /}, {post: '/{{.Seq}}', body: hello}]\n")
	l := NewLedger(p)
	done := make(chan error, 1)
	go func() {
		done <- Run(t.Context(), p, l, Options{BaseURL: "http://" + server.Addr().String(), Connections: 16, Timeout: time.Minute})
	}()
	time.Sleep(time.Minute)
	after1 := resident(t)
	time.Sleep(9 * time.Minute)
	after10 := resident(t)
	t.Logf("resident after 1 minute %d KiB, after 10 %d KiB", after1/1024, after10/1024)
	require.Less(t, float64(after10), 1.1*float64(after1))
	require.NoError(t, <-done)
	require.Zero(t, l.Snapshot().Dropped())
}

// resident gives the process's resident memory, in bytes, with what the runtime holds free given back.
func resident(t *testing.T) uint64 {
	t.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	pages, err := strconv.ParseUint(string(bytes.Fields(text)[1]), 10, 64)
	require.NoError(t, err)
	return pages * uint64(os.Getpagesize())
}
