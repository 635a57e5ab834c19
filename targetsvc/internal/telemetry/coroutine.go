//go:build !notelemetry

package telemetry

import "brrtload/targetsvc/internal/stack"

// sampleEvery is after how many requests a coroutine's stack is read whole. One at rest is read
// when a scrape asks for it: what a stack was used for stays to be seen on it, and reading it after
// every request would find nothing more.
const sampleEvery = 64

// Coroutine is one of a handler's coroutines; its methods are called by that coroutine.
type Coroutine struct{ watch *stack.Watch }

// Run is a coroutine of the handler: it calls body with size bytes of stack to use, and returns
// when body does. When [Coroutine.Finished] returns true, body returns and is called again.
func (h *Handler) Run(size int, body func(Coroutine)) {
	if !h.t.groups.Stack {
		size &^= 1 // the same stack, not tracked
	}
	var watch *stack.Watch
	defer func() {
		if watch != nil {
			h.watches.Remove(watch) // on this coroutine, whose watch it is
		}
	}()
	stack.Run(size, func(w *stack.Watch) {
		if w != nil && watch == nil {
			h.watches.Add(w)
			watch = w
		}
		h.mark.Within(func() { body(Coroutine{w}) })
	})
}

// Finished states that the coroutine is done with a request and has not replied yet. It returns
// true when the coroutine's stack grew, so that its body is to return once it has replied.
func (c Coroutine) Finished() (outgrown bool) { return c.watch.Tick(sampleEvery) }

// Visited states that the coroutine has nothing to do and was asked how it is.
func (c Coroutine) Visited() { c.watch.Sample() }
