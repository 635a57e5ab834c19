//go:build !notelemetry

package tracing

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
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

// Request is a request's server span, and the context in which its other spans are children of
// it. It is nil when there are no traces.
type Request struct {
	id        string // of the trace, also when it is not sampled
	server    span
	context   context.Context
	tracer    trace.Tracer
	part      span // of what the request's own goroutine is at
	waiting   span // in the mailbox, until a coroutine takes the request
	executing span // the coroutine's
}

// Begin begins the server span of a request with this method, joined to the caller's trace when the
// headers name one.
func (t *Tracing) Begin(r *http.Request, method string) *Request {
	ctx, server := t.Start(Continue(r.Context(), propagation.HeaderCarrier(r.Header)),
		method, trace.WithSpanKind(trace.SpanKindServer))
	out := &Request{id: server.SpanContext().TraceID().String()}
	if server.IsRecording() {
		out.server, out.context, out.tracer = span{server}, ctx, t.Tracer
	}
	return out
}

// TraceID returns the id of the trace, empty when there is none.
func (t *Request) TraceID() string {
	if t == nil {
		return ""
	}
	return t.id
}

// child begins a span of a part of the request.
func (t *Request) child(name string) span {
	if t == nil || t.server.of == nil {
		return span{}
	}
	_, s := t.tracer.Start(t.context, name)
	return span{s}
}

// Send begins the wait in the mailbox.
func (t *Request) Send() {
	if t != nil {
		t.waiting = t.child("channel.wait")
	}
}

// Taken ends the wait in the mailbox and begins the work of the handler.
func (t *Request) Taken() {
	if t != nil {
		t.waiting.end()
		t.executing = t.child("handler.execute")
	}
}

// Executed ends the work of the handler; a reason says why it failed.
func (t *Request) Executed(reason string) {
	if t == nil {
		return
	}
	if reason != "" {
		t.executing.fail(reason)
	}
	t.executing.end()
}

// Refused ends the wait of a request that no coroutine took.
func (t *Request) Refused(reason string) {
	if t != nil {
		t.waiting.fail(reason)
		t.waiting.end()
	}
}

// Begin begins the span of a part that the request's own goroutine does.
func (t *Request) Begin(part string) {
	if t != nil {
		t.part = t.child(part)
	}
}

// End ends the part begun last; a reason says why it failed.
func (t *Request) End(reason string, attributes ...attribute.KeyValue) {
	if t == nil {
		return
	}
	if reason != "" {
		t.part.fail(reason)
	}
	t.part.end(attributes...)
}

// Answered ends the response's span and the server span.
func (t *Request) Answered(method, path, handler string, status int) {
	if t == nil || t.server.of == nil {
		return
	}
	t.End("")
	t.server.of.SetName(method + " " + handler)
	if status >= http.StatusInternalServerError {
		t.server.fail(http.StatusText(status))
	}
	t.server.end(attribute.String("http.request.method", method),
		attribute.String("url.path", path), attribute.String("brrtrouter.handler",
			handler),
		attribute.Int("http.response.status_code", status))
}

// Aborted ends the server span of a request whose client has left.
func (t *Request) Aborted(handler, stage string) {
	if t == nil || t.server.of == nil {
		return
	}
	t.End("the client went away")
	t.server.fail("the client went away")
	t.server.end(attribute.String("brrtrouter.handler", handler),
		attribute.String("brrtrouter.aborted", stage))
}
