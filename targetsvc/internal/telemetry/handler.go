//go:build !notelemetry

package telemetry

import (
	"maps"
	"slices"
	"sync/atomic"

	"brrtload/targetsvc/internal/allocs"
)

// Handler holds what one handler is counted in. It lives as long as the process, across reloads.
type Handler struct {
	t     *Telemetry
	name  string
	facts atomic.Pointer[HandlerFacts]

	watches watches
	mark    allocs.Mark

	channel  handlerChannel
	requests handlerRequests
}

// Handler registers a handler, or gives the one of that name its new facts. Its series exist from
// then on, except answers by method and status, which exist from the first on unless they are
// preset.
func (t *Telemetry) Handler(facts HandlerFacts) *Handler {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.handlers[facts.Name]
	if h == nil {
		h = t.newHandler(facts)
		h.channel = t.channels.of(h)
		t.handlers[facts.Name] = h
		t.coroutines.register(h.name)
		if t.groups.Memory {
			h.mark = allocs.Register(h.name)
		}
	}
	h.facts.Store(&facts)
	h.initialise(facts)
	t.log.registering(facts)
	return h
}

// newHandler makes a handler in which nothing is counted yet.
func (t *Telemetry) newHandler(facts HandlerFacts) *Handler {
	h := &Handler{t: t, name: facts.Name}
	h.facts.Store(&facts)
	h.requests = t.requests.of(facts.Name)
	return h
}

// registeredHandlers returns the handlers, sorted by name.
func (t *Telemetry) registeredHandlers() []*Handler {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]*Handler, 0, len(t.handlers))
	for _, name := range slices.Sorted(maps.Keys(t.handlers)) {
		out = append(out, t.handlers[name])
	}
	return out
}

// Spawned states that a coroutine of the handler was started; total is how many handlers have been
// registered so far.
func (h *Handler) Spawned(total int) {
	h.t.coroutines.spawned(h.name)
	h.t.log.spawned(h.name, h.facts.Load().StackSize, total)
}

// SpawnFailed states that a coroutine could not be started.
func (h *Handler) SpawnFailed(reason string) {
	h.t.coroutines.failed(h.name, reason)
	h.t.log.spawnFailed(h.name, reason)
}

// Destroyed states that a coroutine has ended.
func (h *Handler) Destroyed() { h.t.coroutines.destroyed(h.name) }

// Replaced states that the handler was registered anew and that its old coroutines end when they
// are done.
func (h *Handler) Replaced() { h.t.log.replaced(h.name) }
