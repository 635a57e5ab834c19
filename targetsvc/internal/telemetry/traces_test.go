//go:build !notelemetry

package telemetry

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/tracing"
)

func TestStuckReceiverDoesNotKeepTheProcess(t *testing.T) {
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		// the server notices that the client gave up only once the body is read
		_, _ = new(bytes.Buffer).ReadFrom(r.Body)
		<-r.Context().Done()
	}))
	defer stuck.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", stuck.URL)
	var log bytes.Buffer
	told, err := New(Options{Groups: Groups{Traces: true, Logs: true}, Log: &log})
	require.NoError(t, err)
	for range 10 {
		rq := told.Begin(httptest.NewRequest("GET", "/", nil))
		rq.Matching().Done(nil)
		rq.Responding()
		rq.Answered(http.StatusNotFound, 0)
	}
	require.NoError(t, told.Close(t.Context()), "the process ends in order")
	counts := told.tracing.Counts()
	assert.EqualValues(t, 30, counts.Ended)
	assert.EqualValues(t, 30, counts.Dropped[tracing.Shutdown])
	assert.Contains(t, log.String(), "Spans lost at the end")
}
