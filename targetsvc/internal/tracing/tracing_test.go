//go:build !notelemetry

package tracing

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// receiver is an exporter that behaves as told.
type receiver struct {
	mu       sync.Mutex
	got      int
	largest  int
	down     bool
	delay    time.Duration
	shutdown int
}

func (r *receiver) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	r.mu.Lock()
	delay, down := r.delay, r.down
	r.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return ctx.Err()
	}
	if down {
		return errors.New("connection refused")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got += len(spans)
	r.largest = max(r.largest, len(spans))
	return nil
}

func (r *receiver) Shutdown(context.Context) error { r.shutdown++; return nil }

func end(t *Tracing, n int) {
	for range n {
		_, span := t.Start(context.Background(), "request")
		span.End()
	}
}

func requireClosed(t *testing.T, c Counts) {
	t.Helper()
	dropped := uint64(0)
	for _, n := range c.Dropped {
		dropped += n
	}
	require.Equal(t, c.Ended, c.Exported+dropped+c.Queued, "ended = exported + dropped + queued in %+v", c)
}

func TestEverySpanIsAccountedFor(t *testing.T) {
	for name, c := range map[string]struct {
		receiver *receiver
		spans    int
		want     Counts
	}{
		"receiver up":                    {&receiver{}, 1000, Counts{Exported: 1000}},
		"receiver down":                  {&receiver{down: true}, 1000, Counts{Dropped: map[Reason]uint64{ExportFailed: 1000}}},
		"receiver slow, but fast enough": {&receiver{delay: time.Second}, 1000, Counts{Exported: 1000}},
		"receiver that never answers":    {&receiver{delay: time.Hour}, 100, Counts{Dropped: map[Reason]uint64{ExportFailed: 100}}},
		"more at once than the queue can hold": {&receiver{delay: time.Second}, 3000, Counts{Exported: capacity,
			Dropped: map[Reason]uint64{QueueFull: 3000 - capacity}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failures := 0
				tracing := Start("test", c.receiver, func(error) { failures++ })
				begin := time.Now()
				end(tracing, c.spans)
				require.Zero(t, time.Since(begin), "a request waited")
				counts := tracing.Counts()
				requireClosed(t, counts)
				require.EqualValues(t, c.spans, counts.Ended)

				time.Sleep(time.Minute)
				counts = tracing.Counts()
				requireClosed(t, counts)
				assert.Zero(t, counts.Queued)
				assert.Equal(t, c.want.Exported, counts.Exported)
				for _, reason := range Reasons {
					assert.Equal(t, c.want.Dropped[reason], counts.Dropped[reason], string(reason))
				}
				assert.EqualValues(t, c.want.Exported, c.receiver.got)
				assert.LessOrEqual(t, c.receiver.largest, batch)
				assert.Equal(t, c.want.Dropped[ExportFailed] > 0, failures > 0)
				require.NoError(t, tracing.Close(t.Context()))
			})
		})
	}
}

func TestSnapshotIsClosedWhileSpansEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{delay: 50 * time.Millisecond}
		tracing := Start("test", r, func(error) {})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 2000 {
					end(tracing, 1)
					time.Sleep(time.Millisecond)
				}
			})
		}
		for range 300 {
			time.Sleep(7 * time.Millisecond)
			requireClosed(t, tracing.Counts())
		}
		wg.Wait()
		require.NoError(t, tracing.Close(t.Context()))
		assert.Equal(t, Counts{Ended: 8000, Exported: 8000, Dropped: map[Reason]uint64{QueueFull: 0, ExportFailed: 0, Shutdown: 0}}, tracing.Counts())
	})
}

func TestCloseDeliversWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{delay: 100 * time.Millisecond}
		tracing := Start("test", r, func(error) {})
		end(tracing, 1300)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.NoError(t, tracing.Close(ctx))
		assert.Equal(t, 300*time.Millisecond, time.Since(begin), "three batches")
		assert.Equal(t, 1300, r.got)
		assert.Equal(t, 1, r.shutdown)
		end(tracing, 3)
		requireClosed(t, tracing.Counts())
	})
}

func TestCloseIsBoundedByItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracing := Start("test", &receiver{delay: time.Hour}, func(error) {})
		end(tracing, 1300)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		require.ErrorIs(t, tracing.Close(ctx), context.DeadlineExceeded)
		assert.Equal(t, 2*time.Second, time.Since(begin))
		counts := tracing.Counts()
		requireClosed(t, counts)
		assert.Zero(t, counts.Queued)
		assert.EqualValues(t, 1300, counts.Dropped[Shutdown])
	})
}

func TestSamplerComesFromTheEnvironment(t *testing.T) {
	for sampler, want := range map[string]uint64{"always_off": 0, "always_on": 20, "parentbased_always_off": 0} {
		t.Setenv("OTEL_TRACES_SAMPLER", sampler)
		tracing := Start("test", &receiver{}, func(error) {})
		end(tracing, 20)
		assert.Equal(t, want, tracing.Counts().Ended, sampler)
		require.NoError(t, tracing.Close(t.Context()))
	}
}

func TestCallersTraceIsContinued(t *testing.T) {
	tracing := Start("test", &receiver{}, func(error) {})
	for parent, joined := range map[string]bool{
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": true,
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01": false,
		"nonsense": false,
		"":         false,
	} {
		header := http.Header{"Traceparent": {parent}}
		_, span := tracing.Start(Continue(t.Context(), propagation.HeaderCarrier(header)), "request")
		assert.True(t, span.SpanContext().IsValid())
		assert.Equal(t, joined, span.SpanContext().TraceID().String() == "4bf92f3577b34da6a3ce929d0e0e4736", parent)
		assert.Equal(t, joined, span.(sdktrace.ReadOnlySpan).Parent().IsRemote(), parent)
		span.End()
	}
	require.NoError(t, tracing.Close(t.Context()))
}

// TestOverOTLP sends real spans to a real listener: what was counted as exported is what arrived.
func TestOverOTLP(t *testing.T) {
	var arrived, refuse atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request coltrace.ExportTraceServiceRequest
		if err != nil || proto.Unmarshal(body, &request) != nil || r.URL.Path != "/v1/traces" || refuse.Load() > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				arrived.Add(int64(len(scope.Spans)))
			}
		}
	}))
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	require.False(t, Wanted())
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	require.True(t, Wanted())
	exporter, err := NewExporter(t.Context())
	require.NoError(t, err)
	var failure atomic.Value
	tracing := Start("test", exporter, func(err error) { failure.Store(err) })
	end(tracing, 700)
	require.Eventually(t, func() bool { return tracing.Counts().Exported == 700 }, 10*time.Second, 5*time.Millisecond)
	assert.EqualValues(t, 700, arrived.Load())

	refuse.Store(1)
	end(tracing, 30)
	require.NoError(t, tracing.Close(t.Context()))
	counts := tracing.Counts()
	requireClosed(t, counts)
	assert.EqualValues(t, 30, counts.Dropped[ExportFailed])
	assert.ErrorContains(t, failure.Load().(error), "deliver 30 spans")
	assert.EqualValues(t, 700, arrived.Load())
}

func BenchmarkSpan(b *testing.B) {
	for name, r := range map[string]*receiver{"up": {}, "down": {down: true}, "stuck": {delay: time.Hour}} {
		b.Run("receiver="+name, func(b *testing.B) {
			tracing := Start("bench", r, func(error) {})
			b.ReportAllocs()
			for b.Loop() {
				_, span := tracing.Start(context.Background(), "request", trace.WithSpanKind(trace.SpanKindServer))
				span.End()
			}
			b.StopTimer()
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = tracing.Close(ctx) // nothing waits for a stuck receiver
		})
	}
}
