//go:build !notelemetry

package telemetry

import "brrtload/targetsvc/internal/tracing"

// Waiting is a request on its way through a mailbox. A copy belongs to the coroutine that takes it.
type Waiting struct {
	handler *Handler
	request uint64 // its id
	sent    int64
	trace   *tracing.Request
}

// Sending is called right before the request is sent to the mailbox.
func (rq *Request) Sending() Waiting {
	w := Waiting{handler: rq.handler, request: rq.id, trace: rq.trace}
	rq.trace.Send()
	if rq.t.groups.Channel {
		w.sent = rq.reading()
		rq.mark = w.sent
	}
	return w
}

// Taken states that a coroutine took the request.
func (w Waiting) Taken() Execution {
	if w.sent != 0 {
		w.handler.channel.Taken(now() - w.sent)
	}
	w.trace.Taken()
	return Execution(w)
}

// Abandoned states that the request left the mailbox untaken.
func (w Waiting) Abandoned() {
	w.trace.Refused("abandoned")
}

// Execution is a handler at work on a request.
type Execution Waiting

// Done states that the handler returned.
func (e Execution) Done() { e.trace.Executed("") }

// Panicked states that the handler panicked instead.
func (e Execution) Panicked(value any) {
	e.trace.Executed("panicked")
	e.handler.t.log.Panicked(e.request, e.handler.name, value)
}

// Reply is the dispatcher waiting for a coroutine's reply.
type Reply struct {
	rq   *Request
	sent int64
}

// Sent states that the mailbox took the request, and how many it held before; the reply is awaited
// from now on.
func (rq *Request) Sent(depth int) Reply {
	if rq.t.groups.Channel {
		rq.handler.channel.Sent(depth)
	}
	return Reply{rq, rq.mark}
}

// Done states that the dispatcher stopped waiting for the reply. The time is counted when the
// request ends.
func (r Reply) Done() {
	r.rq.mark = 0
	if r.rq.t.groups.Channel {
		r.rq.waited = now() - r.sent
	}
}

// Refused states that the mailbox did not take the request.
func (rq *Request) Refused(depth int, reason string) {
	if rq.t.groups.Channel {
		rq.handler.channel.Refused(depth)
	}
	rq.trace.Refused(reason)
	rq.mark = 0
	rq.t.log.SendFailed(rq.about(), depth, reason)
}
