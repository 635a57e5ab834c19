package dispatch

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"brrtload/targetsvc/internal/telemetry"
)

// spawn starts one coroutine of a registration, unless the dispatcher is closed or has as many as
// it may.
func (d *Dispatcher) spawn(h *Handler, r *registered) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	reason := ""
	switch {
	case d.closed:
		reason = telemetry.SpawnShutdown
	case d.options.MaxCoroutines > 0 && d.alive >= d.options.MaxCoroutines:
		reason = telemetry.SpawnLimit
	}
	if reason != "" {
		h.Telemetry.SpawnFailed(reason)
		return errors.New("no coroutine: " + reason)
	}
	d.alive++
	h.Telemetry.Spawned(len(d.handlers))
	d.running.Go(func() { d.coroutine(h, r) })
	return nil
}

// Spawn starts one more coroutine of a handler's registration, of the first handler by name when
// none is named. It ends with the registration.
func (d *Dispatcher) Spawn(handler string) error {
	d.mu.Lock()
	if handler == "" && len(d.handlers) > 0 {
		handler = slices.Min(slices.Collect(maps.Keys(d.handlers)))
	}
	h := d.handlers[handler]
	d.mu.Unlock()
	if h == nil || h.current.Load() == nil {
		return fmt.Errorf("no handler %q", handler)
	}
	return d.spawn(h, h.current.Load())
}

// coroutine answers calls until its mailbox is closed and empty.
func (d *Dispatcher) coroutine(h *Handler, r *registered) {
	defer func() {
		d.mu.Lock()
		d.alive--
		d.mu.Unlock()
		h.Telemetry.Destroyed()
	}()
	h.Telemetry.Run(r.StackSize, func(c telemetry.Coroutine) {
		visited := c.Visited
		for j := r.mailbox.take(visited); j != nil; j = r.mailbox.take(visited) {
			out := r.execute(j)
			outgrown := c.Finished()
			j.reply <- out
			if outgrown {
				return
			}
		}
	})
}

// execute runs the handler; a panic is an outcome, and the coroutine lives on.
func (r *registered) execute(j *job) (out outcome) {
	execution := j.waiting.Taken()
	defer func() {
		if value := recover(); value != nil {
			execution.Panicked(value)
			out.panicked = true
		}
	}()
	out.response = r.Func(j.ctx, j.call)
	execution.Done()
	return out
}
