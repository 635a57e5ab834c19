//go:build !notelemetry

package telemetry

import (
	"net/http"

	"brrtload/targetsvc/internal/events"
	"brrtload/targetsvc/internal/tracing"
)

// Request is one request on its way. Its methods are called by one goroutine.
//
// It lies on the stack of that goroutine: the parts of it that are handed out (Matching and its
// like) hold nothing else, because the compiler takes a value to escape as soon as anything that it
// holds does.
type Request struct {
	t        *parts
	handler  *Handler
	http     *http.Request
	id       uint64
	arrived  int64
	mark     int64     // the latest reading of the clock when nothing has been done since, else 0
	waited   int64     // for the reply, nanoseconds; negative when none was waited for
	received int       // bytes of the body
	provider *Provider // that is checking the request, or did last

	trace *tracing.Request
}

// reading returns the time now, from the latest reading when nothing has been done since.
func (rq *Request) reading() int64 {
	if rq.mark == 0 {
		return now()
	}
	return rq.mark
}

// Body states that the request's body has been read, or that reading it ended after this many bytes.
func (rq *Request) Body(bytes int) {
	rq.received = bytes
	rq.mark = 0
}

// Responding is called right before the response is written.
func (rq *Request) Responding() { rq.trace.Begin("response.write") }

// Panicked states that something outside a handler panicked. It does not end the request.
func (rq *Request) Panicked(value any) { rq.t.log.Panicked(rq.id, rq.handler.name, value) }

// Answered states that the response was written. It ends the request.
func (rq *Request) Answered(status, bytes int) {
	took := int64(0)
	if rq.arrived != 0 {
		took = now() - rq.arrived
	}
	rq.countReply()
	method := standardMethod(rq.http.Method)
	rq.handler.requests.Answered(method, status, took, rq.received, bytes)
	rq.t.log.Complete(rq.about(), events.Completion{TraceID: rq.trace.TraceID(), Method: method, Status: status,
		Took: took, Received: rq.received, Sent: bytes})
	rq.trace.Answered(method, events.Bounded(rq.http.URL.Path), rq.handler.name, status)
}

// about is what events say of the request.
func (rq *Request) about() events.About {
	return events.About{HTTP: rq.http, ID: rq.id, Handler: rq.handler.name}
}

func (rq *Request) countReply() {
	if rq.waited >= 0 {
		rq.handler.channel.Replied(rq.waited)
	}
}

// Aborted states that the client went away. It ends the request.
func (rq *Request) Aborted(stage Stage) {
	rq.trace.Aborted(rq.handler.name, stage.String())
	rq.countReply()
	rq.handler.requests.Aborted(int(stage))
	rq.t.log.Aborted(rq.about(), stage.String())
}
