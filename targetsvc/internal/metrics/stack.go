//go:build !notelemetry

package metrics

import (
	"maps"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"brrtload/targetsvc/internal/stack"
)

// Watches are the stack watches of one handler's coroutines. The zero value is ready; it is safe
// for concurrent use.
type Watches struct {
	mu    sync.Mutex
	alive map[*stack.Watch]struct{}
	ended uint64 // overflows of coroutines that have ended
}

// Add takes in the watch of a coroutine that was started.
func (s *Watches) Add(w *stack.Watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alive == nil {
		s.alive = map[*stack.Watch]struct{}{}
	}
	s.alive[w] = struct{}{}
}

// Remove lets go of the watch of a coroutine that ends. It is called by that coroutine.
func (s *Watches) Remove(w *stack.Watch) {
	w.Sample()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.alive, w)
	s.ended += w.Overflows()
}

// read returns the highest mark in bytes of the coroutines alive, whether there is one, and the
// overflows so far.
func (s *Watches) read() (used int, ok bool, overflows uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	overflows = s.ended
	for w := range s.alive {
		mark, _ := w.Used()
		used = max(used, mark)
		overflows += w.Overflows()
	}
	return used, len(s.alive) > 0, overflows
}

// Stacks is the group stack: each handler's configured size, and where stacks are tracked what was
// used of it.
type Stacks struct {
	mu       sync.Mutex
	handlers map[string]handlerStacks
}

// handlerStacks are the stacks of one handler.
type handlerStacks struct {
	watches *Watches
	facts   func() (size int, visit func())
}

// NewStacks registers the group stack.
func NewStacks(r prometheus.Registerer) *Stacks {
	s := &Stacks{handlers: map[string]handlerStacks{}}
	r.MustRegister(s)
	return s
}

// Register takes in a handler. facts returns the configured size of its stacks now, in bytes, and a
// function that has each of its coroutines at rest read its own stack.
func (s *Stacks) Register(handler string, watches *Watches, facts func() (size int, visit func())) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[handler] = handlerStacks{watches, facts}
}

var (
	stackBytes = prometheus.NewDesc("brrtrouter_coroutine_stack_bytes",
		"Configured stack size of the handler's coroutines.", []string{"handler"}, nil)
	stackUsedBytes = prometheus.NewDesc("brrtrouter_coroutine_stack_used_bytes",
		"High-water mark of the stack, the highest of the handler's coroutines now alive. "+
			"Absent for a size that is even, which is not tracked, and where stacks cannot be measured.", []string{"handler"}, nil)
	stackUsedPercent = prometheus.NewDesc("brrtrouter_coroutine_stack_used_percent",
		"High-water mark of the stack as a percentage of its configured size; above 100 after an overflow.", []string{"handler"}, nil)
	stackOverflows = prometheus.NewDesc("brrtrouter_coroutine_stack_overflows_total",
		"Requests that wrote to their coroutine's stack beyond its configured size.", []string{"handler"}, nil)
)

// Describe implements prometheus.Collector.
func (*Stacks) Describe(out chan<- *prometheus.Desc) {
	out <- stackBytes
	out <- stackUsedBytes
	out <- stackUsedPercent
	out <- stackOverflows
}

// Collect implements prometheus.Collector. Coroutines at rest read their own stacks first, all
// handlers' at once, so that on a busy machine they wait for their turn together.
func (s *Stacks) Collect(out chan<- prometheus.Metric) {
	supported, _ := stack.Supported()
	s.mu.Lock()
	handlers := maps.Clone(s.handlers)
	s.mu.Unlock()
	var visits sync.WaitGroup
	for _, h := range handlers {
		if size, visit := h.facts(); supported && stack.Tracking(size) {
			visits.Go(visit)
		}
	}
	visits.Wait()
	for _, name := range slices.Sorted(maps.Keys(handlers)) {
		h := handlers[name]
		size, _ := h.facts()
		out <- prometheus.MustNewConstMetric(stackBytes, prometheus.GaugeValue, float64(size), name)
		if !supported || !stack.Tracking(size) {
			continue
		}
		used, ok, overflows := h.watches.read()
		out <- prometheus.MustNewConstMetric(stackOverflows, prometheus.CounterValue, float64(overflows), name)
		if ok {
			out <- prometheus.MustNewConstMetric(stackUsedBytes, prometheus.GaugeValue, float64(used), name)
			out <- prometheus.MustNewConstMetric(stackUsedPercent, prometheus.GaugeValue, 100*float64(used)/float64(size), name)
		}
	}
}
