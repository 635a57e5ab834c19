package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

// defective is a service whose telemetry has the defects that are found again and again in real
// ones. Each is marked.
type defective struct {
	mu                                 sync.Mutex
	answered, missed, refused, leaking int
}

func (d *defective) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch r.URL.Path {
	case "/metrics":
		w.Header().Set("Content-Type", "text/plain") // of which version?
		fmt.Fprintf(w, exposition, d.answered, d.missed, d.refused, d.refused, d.leaking)
	case "/work":
		d.answered++
	case "/busy":
		d.leaking++ // taken in, turned away, and never taken out again; nor is the answer counted
		w.WriteHeader(http.StatusServiceUnavailable)
	case "/secret":
		d.refused++
		w.WriteHeader(http.StatusUnauthorized)
	default:
		d.missed++ // in the requests, and not in the counter that is there for it
		w.WriteHeader(http.StatusNotFound)
	}
}

const exposition = `# HELP service_requests_total Requests by status.
# TYPE service_requests_total counter
service_requests_total{status="200"} %d
service_requests_total{status="404"} %d
service_requests_total{status="401"} %d
# HELP brrtrouter_auth_failures_total Refusals, whatever the reason.
# TYPE brrtrouter_auth_failures_total counter
brrtrouter_auth_failures_total %d
# HELP service_active_requests Requests in flight.
# TYPE service_active_requests gauge
service_active_requests %d
# HELP service_stack_used_bytes Stack used.
# TYPE service_stack_used_bytes gauge
service_stack_used_bytes 0
# HELP service_route_misses_total Requests without a route.
# TYPE service_route_misses_total counter
service_route_misses_total 0
# HELP service_latency_seconds Average latency of requests.
# TYPE service_latency_seconds gauge
service_latency_seconds 0.004
`

const defectScenario = `target: {url: http://127.0.0.1:9}
scrape: {interval: 100ms}
stages: [{rate: 100, duration: 1s}]
credentials:
  wrong-key:
    api_key: {header: X-API-Key, value: not-the-key}
    fails: [{provider: ApiKeyHeader, reason: invalid_credentials}]
requests:
  - {name: work, get: /work, weight: 4}
  - {name: busy, get: /busy, expect: [503]}
  - {name: secret, get: /secret, credential: wrong-key, expect: [401]}
  - {name: missing, get: /missing, expect: [404]}
identities:
  - id: answers
    what: answers with {status}
    client: sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: sum by (status) (increase(service_requests_total[range()] anchored))
liveness:
  - {id: stack, metric: service_stack_used_bytes, must: be_positive, what: answers,
     stimulus: 'sum(increase(brrtload_hits_total{status="200"}[range()] anchored))'}
  - {id: misses, metric: service_route_misses_total, what: hits without a route,
     stimulus: 'sum(increase(brrtload_hits_total{status="404"}[range()] anchored))'}
returns:
  - {id: in-flight, gauge: service_active_requests}
budgets:
  - {id: stack-budget, expr: 'max_over_time(service_stack_used_bytes[range()])', must: "< 16KiB"}
`

// Each of the classic defects gives one finding that says what is wrong, and the budget that rests
// on a dead gauge is no pass.
func TestClassicDefects(t *testing.T) {
	server := httptest.NewServer(&defective{})
	defer server.Close()
	report, status := runOf(t, defectScenario, "--url", server.URL)
	require.Equal(t, reports.StatusUntruthful, status, report.Reason)
	require.Equal(t, []string{"answers", "in-flight", "misses", "stack"}, speaking(report, ""))
	said := map[string]string{}
	for _, c := range report.Checks {
		said[c.ID] = c.Verdict.String() + " " + c.Sentence()
	}
	for id, want := range map[string]string{
		"stack":             `^untruthful service_stack_used_bytes stayed 0 through \d+ answers$`,
		"auth-failures":     `^pass the client counted \d+ refusals, the server \d+$`,
		"answers":           `^untruthful the client counted \d+ answers with 503, the server 0; -\d+ is the number of hits of request "busy", which the service does not count$`,
		"in-flight":         `^untruthful \d+ after the load, 0 at its baseline$`,
		"misses":            `^untruthful service_route_misses_total stayed 0 through \d+ hits without a route$`,
		"conventions":       `^untruthful service_latency_seconds is a gauge of an average: `,
		"exposition-format": `^untruthful \d+ of \d+ answers: the content type is text/plain without a version`,
		"stack-budget":      `^untruthful rests on service_stack_used_bytes, which stack found untruthful`,
	} {
		require.Regexp(t, want, said[id], id)
	}
	text, err := os.ReadFile(filepath.Join(report.Directory, "report.txt"))
	require.NoError(t, err)
	require.Contains(t, string(text), "service_stack_used_bytes stayed 0 through")
}
