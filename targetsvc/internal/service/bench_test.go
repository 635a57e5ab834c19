package service_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
	"brrtload/targetsvc/internal/fault"
	"brrtload/targetsvc/internal/service"
	"brrtload/targetsvc/internal/telemetry"
)

// BenchmarkRequest takes one request through router, security, dispatcher and handler, without a
// network, with each group of the telemetry on alone. Run it with -tags notelemetry for the build
// without any. docs/evidence has its output.
func BenchmarkRequest(b *testing.B) {
	for _, groups := range []string{"none", "coroutines", "stack", "channel", "auth", "route", "request", "memory", "logs",
		"traces", "all,-logs,-traces", "all"} {
		b.Run("telemetry="+groups, func(b *testing.B) { benchmarkRequest(b, groups) })
	}
}

func benchmarkRequest(b *testing.B, groups string) {
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer receiver.Close()
	b.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.URL)
	on, err := telemetry.ParseGroups(groups)
	require.NoError(b, err)
	c := config.Default()
	told, err := telemetry.New(telemetry.Options{Groups: on, Log: io.Discard, Level: slog.LevelInfo, Mailboxes: []int{c.Mailbox}})
	require.NoError(b, err)
	faults := fault.NewSet()
	s, err := service.New(c, told, faults)
	require.NoError(b, err)
	defer func() {
		faults.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(b, s.Close(ctx))
		require.NoError(b, told.Close(ctx))
	}()
	handler := s.Handler()
	r := httptest.NewRequest("GET", "/pets/1", nil)
	r.Header.Set("X-API-Key", "test-key")
	w := &nowhere{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		handler.ServeHTTP(w, r)
	}
	require.Equal(b, http.StatusOK, w.status)
}

// nowhere takes an answer and keeps its status.
type nowhere struct {
	header http.Header
	status int
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) WriteHeader(status int)      { w.status = status }
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w *nowhere) Flush()                      {}
