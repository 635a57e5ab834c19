// Package dispatch runs handlers on long-lived coroutines, each handler behind a bounded mailbox.
//
// In goes a call; out comes the handler's response, or why there is none: the mailbox was full, the
// deadline passed, the handler panicked, the client went away. A handler can be registered anew
// while calls are under way: its old coroutines finish what they hold and end. A coroutine is a
// goroutine that lives as long as its handler's registration.
package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/telemetry"
)

// The reasons for which there is no response. A call whose client went away ends in an [Aborted].
var (
	ErrRefused  = errors.New("the handler's mailbox is full or closed")
	ErrDeadline = errors.New("the handler did not answer in time")
	ErrPanicked = errors.New("the handler panicked")
)

// Aborted says that the client went away, and how far its call had come.
type Aborted struct{ Stage telemetry.Stage }

// Error names the stage.
func (a Aborted) Error() string { return "the client went away: " + a.Stage.String() }

// Registration says how a handler is to be run.
type Registration struct {
	handlers.Handler
	Method     string // of its operation
	Statuses   []int  // answers it is known to give
	StackSize  int    // bytes
	Mailbox    int    // capacity, at least 1
	Coroutines int    // at least 1
}

// Options bound what a dispatcher does.
type Options struct {
	Deadline      time.Duration // from the send to the reply
	MaxCoroutines int           // alive at once, old ones included; 0 means no bound
}

// Dispatcher runs handlers. It is safe for concurrent use.
type Dispatcher struct {
	telemetry *telemetry.Telemetry
	options   Options
	running   sync.WaitGroup // coroutines

	mu       sync.Mutex
	handlers map[string]*Handler
	alive    int
	closed   bool
}

// New returns a dispatcher without handlers.
func New(t *telemetry.Telemetry, o Options) *Dispatcher {
	return &Dispatcher{telemetry: t, options: o, handlers: map[string]*Handler{}}
}

// Register makes the registrations the handlers there are: new ones are started, those of the same
// name replaced, others ended. Handlers keep their identity across registrations. An error names
// the handlers of which no coroutine could be started; such a handler goes on as it was.
func (d *Dispatcher) Register(registrations []Registration) (map[string]*Handler, error) {
	out := map[string]*Handler{}
	var errs []error
	for _, registration := range registrations {
		h := d.handler(registration)
		if err := d.start(h, registration); err != nil {
			errs = append(errs, fmt.Errorf("start %s: %w", registration.Name, err))
		}
		out[registration.Name] = h
	}
	d.retire(out)
	return out, errors.Join(errs...)
}

// handler finds or makes the handler, and tells the telemetry of it.
func (d *Dispatcher) handler(r Registration) *Handler {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handlers[r.Name]
	if h == nil {
		h = &Handler{dispatcher: d}
		d.handlers[r.Name] = h
	}
	counts := d.telemetry.Handler(telemetry.HandlerFacts{Name: r.Name, Controller: r.Controller, Method: r.Method,
		Statuses: r.Statuses, StackSize: r.StackSize, Waiting: h.Waiting, Visit: h.Visit})
	if h.Telemetry == nil { // the same ever after, and read by requests in flight
		h.Telemetry = counts
	}
	return h
}

// start runs a registration's coroutines and puts it instead of the handler's last one.
func (d *Dispatcher) start(h *Handler, r Registration) error {
	next := &registered{Registration: r, mailbox: newMailbox(r.Mailbox, &h.waiting)}
	started := 0
	var refused error
	for range r.Coroutines {
		if refused = d.spawn(h, next); refused != nil {
			break
		}
		started++
	}
	if started == 0 {
		return refused
	}
	if old := h.current.Swap(next); old != nil {
		h.Telemetry.Replaced()
		old.mailbox.close()
	}
	return nil
}

// retire ends the handlers that are not kept.
func (d *Dispatcher) retire(keep map[string]*Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, h := range d.handlers {
		if keep[name] == nil {
			if old := h.current.Load(); old != nil {
				old.mailbox.close()
			}
			delete(d.handlers, name)
		}
	}
}

// Close refuses further calls and waits, within the context, for the coroutines to finish what they
// hold and end.
func (d *Dispatcher) Close(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.retire(nil)
	ended := make(chan struct{})
	go func() { d.running.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("handlers still at work: %w", ctx.Err())
	}
}
