//go:build long

package load

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// TestAStallOnASocket keeps what brrtload and vegeta say of a target that stalls for half a second
// every three, both with ten workers.
func TestAStallOnASocket(t *testing.T) {
	if !*update {
		t.Skip("the times of a real stall are kept by `make evidence`; with time faked, TestAStallCountsForEveryHitThatWasDueInIt judges them")
	}
	start := time.Now()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(stall(time.Since(start))) }))
	defer server.Close()
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 1000, duration: 12s}]\nrequests: [{get: /}]\n")
	l := NewLedger(p)
	require.NoError(t, Run(t.Context(), p, l, Options{BaseURL: server.URL, Connections: 10, Timeout: time.Minute}))
	ours := l.Snapshot().Timings[0].Latency

	attacker := vegeta.NewAttacker(vegeta.Workers(10), vegeta.MaxWorkers(10))
	var metrics vegeta.Metrics
	targets := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: server.URL})
	for r := range attacker.Attack(targets, vegeta.ConstantPacer{Freq: 1000, Per: time.Second}, 12*time.Second, "") {
		metrics.Add(r)
	}
	metrics.Close()
	keepEvidence(t, "load-stall.json", stalled{
		Truth: map[string]float64{"p90": 0.2, "p99": 0.47, "p99.9": 0.497},
		Brrtload: map[string]float64{"p50": ours.Quantile(0.5).Seconds(), "p90": ours.Quantile(0.9).Seconds(),
			"p99": ours.Quantile(0.99).Seconds(), "p99.9": ours.Quantile(0.999).Seconds()},
		Vegeta: map[string]float64{"p50": metrics.Latencies.P50.Seconds(), "p90": metrics.Latencies.P90.Seconds(),
			"p99": metrics.Latencies.P99.Seconds(), "p99.9": metrics.Latencies.Quantile(0.999).Seconds()},
	})
	TestEvidenceOfAStall(t)
}
