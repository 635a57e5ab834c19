//go:build !notelemetry

package telemetry

import (
	"sync/atomic"

	"brrtload/targetsvc/internal/allocs"
	"brrtload/targetsvc/internal/metrics"
)

// Handler holds what one handler is counted in. It lives as long as the process, across reloads.
type Handler struct {
	t     *parts
	name  string
	facts atomic.Pointer[HandlerFacts]

	watches metrics.Watches
	mark    allocs.Mark

	channel  metrics.Channel
	requests metrics.HandlerRequests
}

// Spawned states that a coroutine of the handler was started; total is how many handlers have been
// registered so far.
func (h *Handler) Spawned(total int) {
	h.t.coroutines.Spawned(h.name)
	h.t.log.Spawned(h.name, h.facts.Load().StackSize, total)
}

// SpawnFailed states that a coroutine could not be started.
func (h *Handler) SpawnFailed(reason string) {
	h.t.coroutines.Failed(h.name, reason)
	h.t.log.SpawnFailed(h.name, reason)
}

// Destroyed states that a coroutine has ended.
func (h *Handler) Destroyed() { h.t.coroutines.Destroyed(h.name) }

// Replaced states that the handler was registered anew and that its old coroutines end when they
// are done.
func (h *Handler) Replaced() { h.t.log.Replaced(h.name) }

// stacks returns the configured size of the handler's stacks, bytes, and a function that has each
// of its coroutines at rest read its own.
func (h *Handler) stacks() (size int, visit func()) {
	facts := h.facts.Load()
	return facts.StackSize, facts.Visit
}

// initialise makes the series of the answers that the handler is known to give, where they are to
// exist before the first request. What has no method answers requests without a handler.
func (h *Handler) initialise(facts HandlerFacts) {
	if facts.Method == "" {
		h.requests.Unmatched(append(standardMethods[:], otherMethod))
		return
	}
	h.requests.Known(standardMethod(facts.Method), facts.Statuses)
}
