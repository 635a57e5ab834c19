//go:build !notelemetry

package telemetry

import "brrtload/targetsvc/internal/stack"

// Coroutine is one of a handler's coroutines; its methods are called by that coroutine.
type Coroutine struct{ watch *stack.Watch }

// Run is a coroutine of the handler: it calls body with size bytes of stack to use, and returns
// when body does.
func (h *Handler) Run(size int, body func(Coroutine)) {
	if !h.t.groups.Stack {
		size &^= 1 // the same stack, not tracked
	}
	stack.Run(size, func(w *stack.Watch) {
		if w != nil {
			h.watches.add(w)
			defer h.watches.remove(w) // on this coroutine, whose watch it is
		}
		h.mark.Within(func() { body(Coroutine{w}) })
	})
}

// Finished states that the coroutine is done with a request and has not replied yet.
func (c Coroutine) Finished() { c.watch.Tick(sampleEvery) }

// Visited states that the coroutine has nothing to do and was asked how it is.
func (c Coroutine) Visited() { c.watch.Sample() }
