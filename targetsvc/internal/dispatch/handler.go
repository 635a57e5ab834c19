package dispatch

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/telemetry"
)

// Handler is a registered handler. It is safe for concurrent use.
type Handler struct {
	Telemetry  *telemetry.Handler
	dispatcher *Dispatcher
	current    atomic.Pointer[registered]
	waiting    atomic.Int64
	visiting   sync.Mutex
}

// registered is a registration in force.
type registered struct {
	Registration
	mailbox *mailbox
}

// Waiting is how many calls are in the handler's mailboxes now.
func (h *Handler) Waiting() int { return int(h.waiting.Load()) }

// Visit has each of the handler's coroutines that is at rest tell [telemetry.Coroutine.Visited],
// and waits until all have, which takes microseconds: none of them is at work.
func (h *Handler) Visit() {
	h.visiting.Lock()
	defer h.visiting.Unlock()
	if r := h.current.Load(); r != nil {
		r.mailbox.visit()
	}
}

// Dispatch sends a call to the handler and waits for its response. The context is the client's:
// when it is done the client is gone. The error is [ErrRefused], [ErrDeadline], [ErrPanicked] or an
// [Aborted].
func (h *Handler) Dispatch(client context.Context, rq *telemetry.Request,
	call *handlers.Call) (handlers.Response, error) {
	if client.Err() != nil {
		return handlers.Response{}, Aborted{telemetry.BeforeDispatch}
	}
	ctx, cancel := context.WithTimeout(client, h.dispatcher.options.Deadline)
	defer cancel()
	j := &job{ctx: ctx, call: call, waiting: rq.Sending(), reply: make(chan outcome, 1)}
	box, depth, err := h.send(j)
	if err != nil {
		rq.Refused(depth, err.Error())
		return handlers.Response{}, ErrRefused
	}
	reply := rq.Sent(depth)
	select {
	case out := <-j.reply:
		reply.Done()
		if out.panicked {
			return handlers.Response{}, ErrPanicked
		}
		return out.response, nil
	case <-ctx.Done():
		reply.Done()
		return handlers.Response{}, giveUp(client, box, j)
	}
}

// giveUp frees the place of a call whose caller has left, and says why it is given up.
func giveUp(client context.Context, box *mailbox, j *job) error {
	stage := telemetry.Executing
	if box.remove(j) {
		j.waiting.Abandoned()
		stage = telemetry.Queued
	}
	if client.Err() != nil {
		return Aborted{stage}
	}
	return ErrDeadline
}

// send puts the job into the handler's mailbox. One that was closed because the handler has been
// replaced meanwhile is not a refusal: the new one is tried.
func (h *Handler) send(j *job) (*mailbox, int, error) {
	for {
		r := h.current.Load()
		if r == nil {
			return nil, 0, errClosed
		}
		depth, err := r.mailbox.send(j)
		if errors.Is(err, errClosed) && h.current.Load() != r {
			continue
		}
		return r.mailbox, depth, err
	}
}
