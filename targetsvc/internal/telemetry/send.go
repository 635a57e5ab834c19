//go:build !notelemetry

package telemetry

// Waiting is a request on its way through a mailbox. A copy belongs to the coroutine that takes it.
type Waiting struct {
	handler *Handler
	request uint64 // its id
	sent    int64
	trace   *requestTrace
}

// Sending is called right before the request is sent to the mailbox.
func (rq *Request) Sending() Waiting {
	w := Waiting{handler: rq.handler, request: rq.id, trace: rq.trace}
	rq.trace.send()
	if rq.t.groups.Channel {
		w.sent = rq.reading()
		rq.mark = w.sent
	}
	return w
}

// Taken states that a coroutine took the request.
func (w Waiting) Taken() Execution {
	if w.sent != 0 {
		w.handler.channel.wait.Observe(seconds(now() - w.sent))
	}
	w.trace.taken()
	return Execution(w)
}

// Abandoned states that the request left the mailbox untaken.
func (w Waiting) Abandoned() {
	w.trace.refused("abandoned")
}

// Execution is a handler at work on a request.
type Execution Waiting

// Done states that the handler returned.
func (e Execution) Done() { e.trace.executed("") }

// Panicked states that the handler panicked instead.
func (e Execution) Panicked(value any) {
	e.trace.executed("panicked")
	e.handler.t.log.panicked(e.request, e.handler.name, value)
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
		rq.handler.channel.depth.Observe(float64(depth))
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
		rq.handler.channel.depth.Observe(float64(depth))
		rq.handler.channel.failures.Inc()
	}
	rq.trace.refused(reason)
	rq.mark = 0
	rq.t.log.sendFailed(rq, depth, reason)
}
