//go:build !notelemetry

package telemetry

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"brrtload/targetsvc/internal/stack"
)

// sampleEvery is after how many requests a coroutine's stack is read whole. One at rest is read
// when a scrape asks for it: what a stack was used for stays to be seen on it, so that reading it
// after every request would find nothing more.
const sampleEvery = 64

// watches are the stack watches of one handler's coroutines. The zero value is ready; it is safe
// for concurrent use.
type watches struct {
	mu    sync.Mutex
	alive map[*stack.Watch]struct{}
	ended uint64 // overflows of coroutines that have ended
}

func (s *watches) add(w *stack.Watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alive == nil {
		s.alive = map[*stack.Watch]struct{}{}
	}
	s.alive[w] = struct{}{}
}

func (s *watches) remove(w *stack.Watch) {
	w.Sample()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.alive, w)
	s.ended += w.Overflows()
}

// read returns the highest mark in bytes of the coroutines alive, whether there is one, and the
// overflows so far.
func (s *watches) read() (used int, ok bool, overflows uint64) {
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

// stackSizes tells about each handler's stacks: the configured size, and where they are tracked
// what was used of it.
type stackSizes struct{ t *Telemetry }

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
func (stackSizes) Describe(out chan<- *prometheus.Desc) {
	out <- stackBytes
	out <- stackUsedBytes
	out <- stackUsedPercent
	out <- stackOverflows
}

// Collect implements prometheus.Collector. Coroutines at rest read their own stacks first, all
// handlers' at once, so that on a busy machine they wait for their turn together.
func (s stackSizes) Collect(out chan<- prometheus.Metric) {
	supported, _ := stack.Supported()
	handlers := s.t.registeredHandlers()
	var visits sync.WaitGroup
	for _, h := range handlers {
		if facts := h.facts.Load(); supported && stack.Tracking(facts.StackSize) {
			visits.Go(facts.Visit)
		}
	}
	visits.Wait()
	for _, h := range handlers {
		size := h.facts.Load().StackSize
		out <- prometheus.MustNewConstMetric(stackBytes, prometheus.GaugeValue, float64(size), h.name)
		if !supported || !stack.Tracking(size) {
			continue
		}
		used, ok, overflows := h.watches.read()
		out <- prometheus.MustNewConstMetric(stackOverflows, prometheus.CounterValue, float64(overflows), h.name)
		if ok {
			out <- prometheus.MustNewConstMetric(stackUsedBytes, prometheus.GaugeValue, float64(used), h.name)
			out <- prometheus.MustNewConstMetric(stackUsedPercent, prometheus.GaugeValue,
				100*float64(used)/float64(size), h.name)
		}
	}
}
