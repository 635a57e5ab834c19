//go:build !notelemetry

package telemetry

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"brrtload/targetsvc/internal/tracing"
)

// span is a span under way. The zero value is none: a trace that is not sampled costs nothing below
// its first span.
type span struct{ of trace.Span }

func (s span) end(attributes ...attribute.KeyValue) {
	if s.of == nil {
		return
	}
	s.of.SetAttributes(attributes...)
	s.of.End()
}

func (s span) fail(why string) {
	if s.of != nil {
		s.of.SetStatus(codes.Error, why)
	}
}

// requestTrace is a request's server span, and the context in which its other spans are children of
// it. It is nil when there are no traces.
type requestTrace struct {
	id        string // of the trace, also when it is not sampled
	server    span
	context   context.Context
	tracer    trace.Tracer
	part      span // of what the request's own goroutine is at
	waiting   span // in the mailbox, until a coroutine takes the request
	executing span // the coroutine's
}

// beginTrace begins the server span of a request, joined to the caller's trace when the headers
// name one.
func (t *Telemetry) beginTrace(r *http.Request) *requestTrace {
	if t.tracing == nil {
		return nil
	}
	ctx, server := t.tracing.Start(tracing.Continue(r.Context(), propagation.HeaderCarrier(r.Header)),
		standardMethod(r.Method), trace.WithSpanKind(trace.SpanKindServer))
	out := &requestTrace{id: server.SpanContext().TraceID().String()}
	if server.IsRecording() {
		out.server, out.context, out.tracer = span{server}, ctx, t.tracing
	}
	return out
}

func (t *requestTrace) traceID() string {
	if t == nil {
		return ""
	}
	return t.id
}

// child begins a span of a part of the request.
func (t *requestTrace) child(name string) span {
	if t == nil || t.server.of == nil {
		return span{}
	}
	_, s := t.tracer.Start(t.context, name)
	return span{s}
}

// send begins the wait in the mailbox.
func (t *requestTrace) send() {
	if t != nil {
		t.waiting = t.child("channel.wait")
	}
}

// taken ends the wait in the mailbox and begins the work of the handler.
func (t *requestTrace) taken() {
	if t != nil {
		t.waiting.end()
		t.executing = t.child("handler.execute")
	}
}

// executed ends the work of the handler; a reason says why it failed.
func (t *requestTrace) executed(reason string) {
	if t == nil {
		return
	}
	if reason != "" {
		t.executing.fail(reason)
	}
	t.executing.end()
}

// refused ends the wait of a request that no coroutine took.
func (t *requestTrace) refused(reason string) {
	if t != nil {
		t.waiting.fail(reason)
		t.waiting.end()
	}
}

// begin begins the span of a part that the request's own goroutine does.
func (t *requestTrace) begin(part string) {
	if t != nil {
		t.part = t.child(part)
	}
}

// end ends the part begun last; a reason says why it failed.
func (t *requestTrace) end(reason string, attributes ...attribute.KeyValue) {
	if t == nil {
		return
	}
	if reason != "" {
		t.part.fail(reason)
	}
	t.part.end(attributes...)
}

// answered ends the response's span and the server span.
func (t *requestTrace) answered(rq *Request, status int) {
	if t == nil || t.server.of == nil {
		return
	}
	t.end("")
	t.server.of.SetName(standardMethod(rq.http.Method) + " " + rq.handler.name)
	if status >= http.StatusInternalServerError {
		t.server.fail(http.StatusText(status))
	}
	t.server.end(attribute.String("http.request.method", standardMethod(rq.http.Method)),
		attribute.String("url.path", bounded(rq.http.URL.Path)), attribute.String("brrtrouter.handler",
			rq.handler.name),
		attribute.Int("http.response.status_code", status))
}

// aborted ends the server span of a request whose client has left.
func (t *requestTrace) aborted(rq *Request, stage Stage) {
	if t == nil || t.server.of == nil {
		return
	}
	t.end("the client went away")
	t.server.fail("the client went away")
	t.server.end(attribute.String("brrtrouter.handler", rq.handler.name),
		attribute.String("brrtrouter.aborted", stage.String()))
}

// spanCounts tells where the spans are. Without an endpoint there are none.
type spanCounts struct{ of *tracing.Tracing }

var (
	spansEnded = prometheus.NewDesc("brrtrouter_spans_ended_total",
		"Sampled spans that have ended: those exported, those dropped and those still queued.", nil, nil)
	spansDropped = prometheus.NewDesc("brrtrouter_spans_dropped_total",
		"Sampled spans that were not acknowledged by the receiver.", []string{"reason"}, nil)
)

// Describe implements prometheus.Collector.
func (spanCounts) Describe(out chan<- *prometheus.Desc) {
	out <- spansEnded
	out <- spansDropped
}

// Collect implements prometheus.Collector from one snapshot.
func (s spanCounts) Collect(out chan<- prometheus.Metric) {
	var c tracing.Counts
	if s.of != nil {
		c = s.of.Counts()
	}
	out <- prometheus.MustNewConstMetric(spansEnded, prometheus.CounterValue, float64(c.Ended))
	for _, reason := range tracing.Reasons {
		out <- prometheus.MustNewConstMetric(spansDropped, prometheus.CounterValue, float64(c.Dropped[reason]),
			string(reason))
	}
}

// startTracing begins to deliver spans when the environment says where to.
func (t *Telemetry) startTracing(version string) error {
	if tracing.Wanted() {
		exporter, err := tracing.NewExporter(context.Background())
		if err != nil {
			return err
		}
		t.tracing = tracing.Start(version, exporter, t.log.spansUndelivered)
	}
	t.registry.MustRegister(spanCounts{t.tracing})
	return nil
}

// flushTime is how long the last spans may take to be delivered.
const flushTime = 2 * time.Second

// stopTracing delivers what is queued. A receiver that does not take it in time costs those spans,
// which are counted, and not the orderly end of the process.
func (t *Telemetry) stopTracing(ctx context.Context) {
	if t.tracing == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	if err := t.tracing.Close(ctx); err != nil {
		t.log.spansLost(err)
	}
}
