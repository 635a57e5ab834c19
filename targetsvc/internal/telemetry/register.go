//go:build !notelemetry

package telemetry

import "brrtload/targetsvc/internal/allocs"

// Provider registers a security provider, with the reasons for which it can refuse, or gives the
// one of that name. Its series exist from then on.
func (t *Telemetry) Provider(name string, reasons []string) *Provider {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.providers[name]
	if p == nil {
		p = &Provider{name: name, series: t.auth.Of(name, reasons)}
		t.providers[name] = p
	}
	return p
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
		h.channel = t.channels.Of(h.name, func() int { return h.facts.Load().Waiting() })
		t.handlers[facts.Name] = h
		t.coroutines.Register(h.name, SpawnLimit, SpawnShutdown)
		t.stacks.Register(h.name, &h.watches, h.stacks)
		if t.groups.Memory {
			h.mark = allocs.Register(h.name)
		}
	}
	h.facts.Store(&facts)
	h.initialise(facts)
	t.log.Registering(facts.Name, facts.Controller)
	return h
}

// newHandler makes a handler in which nothing is counted yet.
func (t *Telemetry) newHandler(facts HandlerFacts) *Handler {
	h := &Handler{t: &t.parts, name: facts.Name}
	h.facts.Store(&facts)
	h.requests = t.requests.Of(facts.Name, stages)
	return h
}
