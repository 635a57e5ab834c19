//go:build !notelemetry

package service_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
)

const (
	counter   = dto.MetricType_COUNTER
	gauge     = dto.MetricType_GAUGE
	histogram = dto.MetricType_HISTOGRAM
)

// contract lists the families that the first scrape has.
var contract = map[string]dto.MetricType{
	"brrtrouter_coroutines_active":               gauge,
	"brrtrouter_coroutines_spawned_total":        counter,
	"brrtrouter_coroutines_destroyed_total":      counter,
	"brrtrouter_coroutine_spawn_failures_total":  counter,
	"brrtrouter_coroutine_stack_bytes":           gauge,
	"brrtrouter_coroutine_stack_used_bytes":      gauge,
	"brrtrouter_coroutine_stack_used_percent":    gauge,
	"brrtrouter_coroutine_stack_overflows_total": counter,
	"brrtrouter_handler_allocated_bytes_total":   counter,
	"brrtrouter_handler_allocated_objects_total": counter,
	"brrtrouter_channel_queue_depth":             gauge,
	"brrtrouter_channel_depth_at_send":           histogram,
	"brrtrouter_channel_send_failures_total":     counter,
	"brrtrouter_channel_wait_seconds":            histogram,
	"brrtrouter_response_wait_seconds":           histogram,
	"brrtrouter_auth_duration_seconds":           histogram,
	"brrtrouter_auth_failures_total":             counter,
	"brrtrouter_route_match_duration_seconds":    histogram,
	"brrtrouter_route_match_failures_total":      counter,
	"brrtrouter_requests_total":                  counter,
	"brrtrouter_request_duration_seconds":        histogram,
	"brrtrouter_active_requests":                 gauge,
	"brrtrouter_requests_aborted_total":          counter,
	"brrtrouter_request_body_bytes":              histogram,
	"brrtrouter_response_body_bytes":             histogram,
	"brrtrouter_handlers_registered":             gauge,
	"brrtrouter_routes_registered":               gauge,
	"brrtrouter_admin_requests_total":            counter,
	"brrtrouter_build_info":                      gauge,
	"brrtrouter_spans_ended_total":               counter,
	"brrtrouter_spans_dropped_total":             counter,
	"go_goroutines":                              gauge,
	"go_gc_heap_allocs_bytes_total":              counter,
	"process_cpu_seconds_total":                  counter,
	"process_resident_memory_bytes":              gauge,
}

func TestFirstScrapeIsComplete(t *testing.T) {
	m := start(t, nil).scrape()
	for name, kind := range contract {
		if assert.Contains(t, m, name) {
			assert.Equal(t, kind, m[name].GetType(), name)
			assert.NotEmpty(t, m[name].GetHelp(), name)
			assert.NotEmpty(t, m[name].GetMetric(), name)
		}
	}
	// Every handler has its series, and every label set that is known beforehand is there with a
	// zero.
	for _, name := range []string{"brrtrouter_coroutines_active", "brrtrouter_channel_queue_depth", "brrtrouter_channel_wait_seconds"} {
		assert.Len(t, m[name].GetMetric(), 17, name)
	}
	assert.Len(t, m["brrtrouter_request_duration_seconds"].GetMetric(), 18, "the handlers and _unmatched")
	assert.Len(t, m["brrtrouter_requests_aborted_total"].GetMetric(), 18*4)
	assert.Zero(t, m.value("brrtrouter_requests_total"))
	assert.Equal(t, 17.0, m.value("brrtrouter_handlers_registered"))
	assert.Equal(t, 1.0, m.value("brrtrouter_build_info", "version", "test", "revision", "r", "telemetry", "all"))
}

// TestAnswersAreSeriesFromTheFirstOn asks for the label sets that depend on traffic, in both settings.
func TestAnswersAreSeriesFromTheFirstOn(t *testing.T) {
	for sets, born := range map[string]int{config.LabelSetsTraffic: 1, config.LabelSetsPreset: 0} {
		r := start(t, func(c *config.Config) { c.LabelSets = sets })
		before := len(r.scrape()["brrtrouter_requests_total"].GetMetric())
		r.send("GET", "/pets/1", "", goodKey)
		m := r.atRest(1)
		assert.Equal(t, before+born, len(m["brrtrouter_requests_total"].GetMetric()), sets)
		assert.Equal(t, 1.0, m.value("brrtrouter_requests_total", "handler", "get_pet", "status", "200"))
		assert.Equal(t, born == 0, before > 1, "%s: %d at start", sets, before)
	}
}

func TestExpositionIsClean(t *testing.T) {
	r := start(t, nil)
	_, text := r.send("GET", "/metrics", "")
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestExpositionIsNegotiated(t *testing.T) {
	r := start(t, nil)
	for accept, want := range map[string]string{
		"":                         "text/plain; version=0.0.4",
		"text/plain;version=0.0.4": "text/plain; version=0.0.4",
		"application/openmetrics-text;version=1.0.0":                                                 "application/openmetrics-text; version=1.0.0",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited": "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
	} {
		request, err := http.NewRequest("GET", r.URL+"/metrics", nil)
		require.NoError(t, err)
		request.Header.Set("Accept", accept)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.True(t, strings.HasPrefix(response.Header.Get("Content-Type"), want), response.Header.Get("Content-Type"))
	}
}

// call is one kind of request of the mixed load, and what must move by one for it.
type call struct {
	times              int
	method, path, body string
	headers            []string
	handler            string
	status             string
	failures           [][2]string // provider, reason
	checks             []string    // providers asked
	dispatched         bool
}

func mixedLoad(t *testing.T) []call {
	reads, writes := bearer(t, "users:read", nil), bearer(t, "digest:write", nil)
	expired := bearer(t, "users:read", func(c jwt.MapClaims) { c["exp"] = 1 })
	early := bearer(t, "users:read", func(c jwt.MapClaims) { c["nbf"] = 1 << 40 })
	issuer := bearer(t, "users:read", func(c jwt.MapClaims) { c["iss"] = "someone" })
	key, token, remote := []string{"ApiKeyHeader"}, []string{"BearerToken"}, []string{"RemoteKey"}
	both := []string{"ApiKeyHeader", "BearerToken"}
	failed := func(pairs ...string) (out [][2]string) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, [2]string{pairs[i], pairs[i+1]})
		}
		return out
	}
	return []call{
		{3, "GET", "/pets/7", "", []string{goodKey}, "get_pet", "200", nil, key, true},
		{2, "GET", "/pets/7777", "", []string{goodKey}, "get_pet", "404", nil, key, true},
		{1, "GET", "/pets/x", "", []string{goodKey}, "get_pet", "400", nil, key, true},
		{4, "GET", "/pets", "", nil, "list_pets", "401", failed("ApiKeyHeader", "missing_credentials"), key, false},
		{2, "GET", "/pets", "", []string{"X-API-Key: wrong"}, "list_pets", "401", failed("ApiKeyHeader", "invalid_credentials"), key, false},
		{3, "POST", "/pets", `{"name":"Zoe"}`, []string{goodKey}, "add_pet", "201", nil, key, true},
		{1, "POST", "/pets", `{"name":`, []string{goodKey}, "add_pet", "400", nil, key, true},
		{2, "GET", "/users", "", []string{reads}, "list_users", "200", nil, token, true},
		{1, "GET", "/users", "", []string{expired}, "list_users", "401", failed("BearerToken", "expired"), token, false},
		{1, "GET", "/users", "", []string{early}, "list_users", "401", failed("BearerToken", "not_yet_valid"), token, false},
		{1, "GET", "/users", "", []string{issuer}, "list_users", "401", failed("BearerToken", "invalid_credentials"), token, false},
		{2, "GET", "/users", "", []string{writes}, "list_users", "403", failed("BearerToken", "insufficient_scope"), token, false},
		{2, "POST", "/digest", `[1]`, []string{writes}, "digest_document", "200", failed("ApiKeyHeader", "missing_credentials"), both, true},
		{2, "POST", "/digest", `[1]`, nil, "digest_document", "401", failed("ApiKeyHeader", "missing_credentials", "BearerToken", "missing_credentials"), both, false},
		{2, "GET", "/reports/1", "", []string{goodRemote}, "get_report", "200", nil, remote, true},
		{1, "GET", "/reports/1", "", []string{"X-Remote-Key: remote-x"}, "get_report", "403", failed("RemoteKey", "insufficient_scope"), remote, false},
		{1, "GET", "/reports/1", "", []string{"X-Remote-Key: bad"}, "get_report", "401", failed("RemoteKey", "invalid_credentials"), remote, false},
		{2, "GET", "/users/1/posts/2", "", nil, "get_post", "200", nil, nil, true},
		{1, "GET", "/download?bytes=100000", "", nil, "download", "200", nil, nil, true},
		{3, "GET", "/nowhere", "", nil, "_unmatched", "404", nil, nil, false},
		{2, "DELETE", "/pets", "", nil, "_unmatched", "405", nil, nil, false},
		{1, "BREW", "/pets", "", nil, "_unmatched", "405", nil, nil, false},
	}
}

func TestMixedLoadMovesEveryFamilyByWhatItImplies(t *testing.T) {
	r := start(t, nil)
	sent, checked, refused, dispatched, missed := 0, 0, 0, 0, 0
	requestBytes, responseBytes := 0, 0
	type key struct{ handler, method, status string }
	answers, failures := map[key]int{}, map[[2]string]int{}
	for _, c := range mixedLoad(t) {
		for range c.times {
			status, body := r.send(c.method, c.path, c.body, c.headers...)
			require.Equal(t, c.status, strconv.Itoa(status), "%s %s: %s", c.method, c.path, body)
			method := c.method
			if method == "BREW" {
				method = "_OTHER"
			}
			answers[key{c.handler, method, c.status}]++
			sent++
			checked += len(c.checks)
			refused += len(c.failures)
			responseBytes += len(body)
			for _, f := range c.failures {
				failures[f]++
			}
			if c.dispatched {
				dispatched++
				requestBytes += len(c.body)
			}
			if c.handler == "_unmatched" {
				missed++
			}
		}
	}
	m := r.atRest(float64(sent))
	for k, n := range answers {
		assert.Equal(t, float64(n), m.value("brrtrouter_requests_total", "handler", k.handler, "method", k.method, "status", k.status), k)
	}
	for f, n := range failures {
		assert.Equal(t, float64(n), m.value("brrtrouter_auth_failures_total", "provider", f[0], "reason", f[1]), f)
	}
	for name, want := range map[string]int{
		"brrtrouter_requests_total":               sent,
		"brrtrouter_requests_aborted_total":       0,
		"brrtrouter_request_duration_seconds":     sent,
		"brrtrouter_request_body_bytes":           sent,
		"brrtrouter_response_body_bytes":          sent,
		"brrtrouter_route_match_duration_seconds": sent,
		"brrtrouter_route_match_failures_total":   missed,
		"brrtrouter_auth_duration_seconds":        checked,
		"brrtrouter_auth_failures_total":          refused,
		"brrtrouter_channel_depth_at_send":        dispatched,
		"brrtrouter_channel_wait_seconds":         dispatched,
		"brrtrouter_response_wait_seconds":        dispatched,
		"brrtrouter_channel_send_failures_total":  0,
	} {
		assert.Equal(t, float64(want), m.value(name), name)
	}
	assert.Equal(t, float64(requestBytes), m.sum("brrtrouter_request_body_bytes"))
	assert.Equal(t, float64(responseBytes), m.sum("brrtrouter_response_body_bytes"))

	events := r.events()
	assert.Len(t, events["Request complete"], sent)
	assert.Len(t, events["Security provider validation complete"], checked)
}

func TestScrapesAndProbesAreNoRequests(t *testing.T) {
	r := start(t, nil)
	for _, path := range []string{"/metrics", "/health", "/ready"} {
		status, _ := r.send("GET", path, "")
		require.Equal(t, http.StatusOK, status)
		status, _ = r.send("POST", path, "")
		require.Equal(t, http.StatusMethodNotAllowed, status)
	}
	response, err := http.Get(r.Admin + "/runtime")
	require.NoError(t, err)
	response.Body.Close()
	m := r.scrape()
	require.Zero(t, m.value("brrtrouter_requests_total"))
	require.Zero(t, m.value("brrtrouter_route_match_duration_seconds"))
	require.Equal(t, 1.0, m.value("brrtrouter_admin_requests_total"))
}

func TestGroupsAreSwitchedOffAlone(t *testing.T) {
	families := map[string]string{
		"coroutines": "brrtrouter_coroutines_active", "stack": "brrtrouter_coroutine_stack_bytes",
		"channel": "brrtrouter_channel_wait_seconds", "auth": "brrtrouter_auth_duration_seconds",
		"route": "brrtrouter_route_match_duration_seconds", "request": "brrtrouter_requests_total",
	}
	for off := range families {
		t.Run(off, func(t *testing.T) {
			r := start(t, func(c *config.Config) { c.Telemetry = "all,-" + off })
			status, _ := r.send("GET", "/pets/7", "", goodKey)
			require.Equal(t, http.StatusOK, status)
			m := r.scrape()
			for group, name := range families {
				if group == off {
					require.NotContains(t, m, name)
				} else {
					require.Contains(t, m, name)
				}
			}
			require.Contains(t, m, "brrtrouter_build_info")
		})
	}
	t.Run("logs", func(t *testing.T) {
		r := start(t, func(c *config.Config) { c.Telemetry = "all,-logs" })
		r.send("GET", "/pets/7", "", goodKey)
		require.Empty(t, r.Log.String())
	})
	t.Run("none", func(t *testing.T) {
		r := start(t, func(c *config.Config) { c.Telemetry = "none" })
		status, _ := r.send("GET", "/pets/7", "", goodKey)
		require.Equal(t, http.StatusOK, status)
	})
}
