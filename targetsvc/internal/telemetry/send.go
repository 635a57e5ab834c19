//go:build !notelemetry

package telemetry

// Waiting is a request on its way through a mailbox. A copy belongs to the coroutine that takes it.
type Waiting struct {
	handler *Handler
	request uint64 // its id
	sent    int64
	trace   *requestTrace
	span    span
}

// Sending is called right before the request is sent to the mailbox.
func (rq *Request) Sending() Waiting {
	w := Waiting{handler: rq.handler, request: rq.id, trace: rq.trace, span: rq.trace.send()}
	if rq.t.groups.Channel {
		w.sent = rq.reading()
		rq.mark = w.sent
	}
	return w
}

// Taken states that a coroutine took the request.
func (w Waiting) Taken() Execution {
	if w.sent != 0 {
		w.handler.channelWait.Observe(seconds(now() - w.sent))
	}
	w.span.end()
	return Execution{w.handler, w.request, w.trace.child("handler.execute")}
}

// Abandoned states that the request left the mailbox untaken.
func (w Waiting) Abandoned() {
	w.span.fail("abandoned")
	w.span.end()
}

// Execution is a handler at work on a request.
type Execution struct {
	handler *Handler
	request uint64
	span    span
}

// Done states that the handler returned.
func (e Execution) Done() { e.span.end() }

// Panicked states that the handler panicked instead.
func (e Execution) Panicked(value any) {
	e.span.fail("panicked")
	e.span.end()
	e.handler.t.log.panicked(e.request, e.handler.name, value)
}

// Reply is the dispatcher waiting for a coroutine's reply.
type Reply struct {
	rq   *Request
	sent int64
}

// Sent states that the mailbox took the request, and how many it held before; the reply is awaited from now on.
func (rq *Request) Sent(depth int) Reply {
	if rq.handler.depthAtSend != nil {
		rq.handler.depthAtSend.Observe(float64(depth))
	}
	return Reply{rq, rq.mark}
}

// Done states that the dispatcher stopped waiting for the reply.
func (r Reply) Done() {
	r.rq.mark = 0
	if r.rq.handler.replyWait != nil {
		r.rq.handler.replyWait.Observe(seconds(now() - r.sent))
	}
}

// Refused states that the mailbox did not take the request.
func (rq *Request) Refused(depth int, reason string) {
	if h := rq.handler; h.depthAtSend != nil {
		h.depthAtSend.Observe(float64(depth))
		h.sendFailures.Inc()
	}
	rq.trace.refused(reason)
	rq.mark = 0
	rq.t.log.sendFailed(rq, depth, reason)
}
