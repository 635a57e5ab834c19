//go:build !notelemetry

// Package tracing sets the OpenTelemetry SDK up for the service, and delivers spans without ever
// making a request wait.
//
// In go spans that ended; out they go in batches over OTLP/HTTP. The standard environment says
// where to (OTEL_EXPORTER_OTLP_ENDPOINT and its kin) and which (OTEL_TRACES_SAMPLER). What cannot
// be delivered is dropped, and every span is accounted for: see [Counts].
package tracing

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Service is the service.name of every span.
const Service = "targetsvc"

// Tracing makes spans and delivers them. It is safe for concurrent use.
type Tracing struct {
	trace.Tracer
	provider *sdktrace.TracerProvider
	spans    *processor
}

// Wanted reports whether the environment names an endpoint to deliver spans to.
func Wanted() bool {
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}

// NewExporter returns an exporter to the endpoint that the environment names. It tries a batch
// once: a receiver that is down costs spans, which are counted, and not memory or time.
func NewExporter(ctx context.Context) (sdktrace.SpanExporter, error) {
	e, err := otlptracehttp.New(ctx, otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}))
	if err != nil {
		return nil, fmt.Errorf("set the OTLP exporter up: %w", err)
	}
	return e, nil
}

// Start begins to deliver spans through the exporter, which it owns from now on. failed is told of
// each batch that could not be delivered, from a goroutine of its own.
func Start(version string, exporter sdktrace.SpanExporter, failed func(error)) *Tracing {
	spans := newProcessor(exporter, failed)
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(spans),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", Service), attribute.String("service.version", version))),
	)
	return &Tracing{Tracer: provider.Tracer(Service), provider: provider, spans: spans}
}

// Continue returns a context in which a new span is a child of the caller's, when the headers have
// a valid W3C traceparent.
func Continue(ctx context.Context, headers propagation.TextMapCarrier) context.Context {
	return propagation.TraceContext{}.Extract(ctx, headers)
}

// Counts reports where every span that ended is, in one snapshot.
func (t *Tracing) Counts() Counts { return t.spans.counts() }

// Rewrite passes every batch from now on through a function before it is delivered: what it leaves
// out counts as delivered. It is the seam at which spans are made to lie. A nil *Tracing has no
// spans.
func (t *Tracing) Rewrite(change func([]sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan) {
	if t == nil {
		return
	}
	t.spans.mu.Lock()
	defer t.spans.mu.Unlock()
	t.spans.rewrite = change
}

// Close delivers what is queued, for as long as the context lasts; what is left then is dropped.
func (t *Tracing) Close(ctx context.Context) error {
	return errors.Join(t.provider.Shutdown(ctx), t.spans.exporter.Shutdown(ctx))
}
