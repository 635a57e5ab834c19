//go:build !notelemetry

package service_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"brrtload/targetsvc/internal/config"
)

const (
	spansEnded   = "brrtrouter_spans_ended_total"
	spansDropped = "brrtrouter_spans_dropped_total"
)

// collector receives spans over OTLP, while it is not told to refuse or to hold them.
type collector struct {
	*httptest.Server
	mu     sync.Mutex
	spans  []*otlp.Span
	refuse bool
	hold   chan struct{} // when not nil, closed to let deliveries through
}

func collect(t *testing.T) *collector {
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		c.mu.Lock()
		refuse, hold := c.refuse, c.hold
		c.mu.Unlock()
		if hold != nil {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
		var request coltrace.ExportTraceServiceRequest
		if err != nil || refuse || proto.Unmarshal(body, &request) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(c.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	return c
}

func (c *collector) received() []*otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*otlp.Span(nil), c.spans...)
}

// trace waits for this many spans of a trace, and gives them by name.
func (c *collector) trace(t *testing.T, id string, n int) map[string][]*otlp.Span {
	t.Helper()
	var out map[string][]*otlp.Span
	require.Eventually(t, func() bool {
		out = map[string][]*otlp.Span{}
		count := 0
		for _, s := range c.received() {
			if hex.EncodeToString(s.TraceId) == id {
				out[s.Name] = append(out[s.Name], s)
				count++
			}
		}
		return count >= n
	}, 20*time.Second, 5*time.Millisecond)
	return out
}

const (
	traceID  = "4bf92f3577b34da6a3ce929d0e0e4736"
	parentID = "00f067aa0ba902b7"
	parent   = "Traceparent: 00-" + traceID + "-" + parentID + "-01"
)

func TestSpansJoinTheCallersTrace(t *testing.T) {
	c := collect(t)
	r := start(t, nil)
	status, _ := r.send("GET", "/pets", "", goodKey, parent)
	require.Equal(t, http.StatusOK, status)
	spans := c.trace(t, traceID, 6)

	require.Len(t, spans["GET list_pets"], 1)
	server := spans["GET list_pets"][0]
	assert.Equal(t, otlp.Span_SPAN_KIND_SERVER, server.Kind)
	assert.Equal(t, parentID, hex.EncodeToString(server.ParentSpanId))
	assert.Equal(t, otlp.Status_STATUS_CODE_UNSET, server.Status.GetCode())
	parts := []string{"route.match", "security.validate", "channel.wait", "handler.execute", "response.write"}
	assert.Len(t, spans, 1+len(parts))
	last := server.StartTimeUnixNano
	for _, name := range parts {
		require.Len(t, spans[name], 1, name)
		part := spans[name][0]
		assert.Equal(t, server.SpanId, part.ParentSpanId, name)
		assert.GreaterOrEqual(t, part.StartTimeUnixNano, last, "%s in its turn", name)
		assert.LessOrEqual(t, part.EndTimeUnixNano, server.EndTimeUnixNano, name)
		last = part.StartTimeUnixNano
	}
	assert.Equal(t, traceID, r.events()["Request complete"][0]["trace_id"])
}

func TestSpansTellWhatWentWrong(t *testing.T) {
	c := collect(t)
	// Long enough for a slow machine to answer the other requests within it.
	r := start(t, func(c *config.Config) { c.Deadline = time.Second })
	trace := func(i byte) (id, header string) {
		id = hex.EncodeToString([]byte{i, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
		return id, "Traceparent: 00-" + id + "-" + parentID + "-01"
	}
	failed := func(spans map[string][]*otlp.Span, name string) bool {
		t.Helper()
		require.NotEmpty(t, spans[name], name)
		return spans[name][0].Status.GetCode() == otlp.Status_STATUS_CODE_ERROR
	}

	id, header := trace(1)
	r.send("GET", "/nowhere", "", header)
	spans := c.trace(t, id, 3)
	assert.Len(t, spans, 3, "no route, and so neither provider nor handler")
	assert.False(t, failed(spans, "GET _unmatched"), "a 404 is the caller's mistake")

	id, header = trace(2)
	r.send("GET", "/pets", "", header)
	spans = c.trace(t, id, 4)
	assert.True(t, failed(spans, "security.validate"))
	assert.False(t, failed(spans, "GET list_pets"))
	assert.Empty(t, spans["channel.wait"])

	id, header = trace(3)
	status, _ := r.send("GET", "/wait?ms=1500", "", header)
	require.Equal(t, http.StatusGatewayTimeout, status)
	spans = c.trace(t, id, 5)
	assert.True(t, failed(spans, "GET wait"), "a 504 is the service's")

	id, header = trace(4)
	require.NoError(t, r.Faults.Enable("panic-every-nth", "1"))
	require.NoError(t, r.Service.Reload())
	r.send("GET", "/users/1", "", header)
	require.NoError(t, r.Faults.Disable("panic-every-nth"))
	spans = c.trace(t, id, 5)
	assert.True(t, failed(spans, "handler.execute"))
	assert.True(t, failed(spans, "GET get_user"))
}

func TestReceiverDownOrSlowCostsNoRequest(t *testing.T) {
	for name, spoil := range map[string]func(*collector){
		"up":   func(*collector) {},
		"down": func(c *collector) { c.refuse = true },
		"slow": func(c *collector) { c.hold = make(chan struct{}) },
		"gone": func(c *collector) { c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			c := collect(t)
			spoil(c)
			r := start(t, nil)
			const requests, each = 600, 5
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for range requests / 4 {
						if status, _ := r.send("GET", "/users/1", ""); status != http.StatusOK {
							t.Errorf("status %d", status)
						}
					}
				})
			}
			wg.Wait()
			r.atRest(requests)
			// The last spans end after their request was answered and counted.
			var m reading
			require.Eventually(t, func() bool {
				m = r.scrape()
				return m.value(spansEnded) == requests*each
			}, 20*time.Second, 5*time.Millisecond, "every span ends")
			// While deliveries are held, all that the queue cannot take is dropped by now; nothing
			// else is.
			if c.hold != nil {
				assert.Equal(t, float64(requests*each-2048), m.value(spansDropped, "reason", "queue_full"))
				assert.Equal(t, m.value(spansDropped), m.value(spansDropped, "reason", "queue_full"))
				close(c.hold)
			}
			require.Eventually(t, func() bool {
				m = r.scrape()
				return m.value(spansEnded) == float64(len(c.received()))+m.value(spansDropped)
			}, 20*time.Second, 5*time.Millisecond, "at rest, what ended was either received or dropped")
			if name == "up" {
				assert.Zero(t, m.value(spansDropped, "reason", "export_failed"))
			}
			if name == "down" || name == "gone" {
				assert.Empty(t, c.received())
				assert.Positive(t, m.value(spansDropped, "reason", "export_failed"))
				assert.NotEmpty(t, r.events()["Span export failed"])
			}
		})
	}
}

func TestTracesAreSampledAsTheEnvironmentSays(t *testing.T) {
	collect(t)
	t.Setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
	r := start(t, nil)
	r.send("GET", "/users/1", "")
	assert.Zero(t, r.atRest(1).value(spansEnded))
	r.send("GET", "/users/1", "", parent)
	require.Eventually(t, func() bool { return r.scrape().value(spansEnded) == 5 }, 20*time.Second, 5*time.Millisecond,
		"the caller's decision")
}
