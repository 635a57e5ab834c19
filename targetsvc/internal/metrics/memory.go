//go:build !notelemetry

package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"brrtload/targetsvc/internal/allocs"
)

// RegisterMemory registers the group memory: what each handler allocates is estimated from then on,
// with one sample in this many bytes.
func RegisterMemory(r prometheus.Registerer, rate int) { r.MustRegister(newHandlerAllocations(rate)) }

// handlerAllocations collects what each handler allocated.
type handlerAllocations struct {
	from           *allocs.Estimator
	bytes, objects *prometheus.Desc
}

// newHandlerAllocations begins to count, with one sample in this many bytes.
func newHandlerAllocations(rate int) handlerAllocations {
	return handlerAllocations{
		from: allocs.New(rate),
		bytes: prometheus.NewDesc("brrtrouter_handler_allocated_bytes_total",
			"Memory allocated by the handler's call tree, or by all else (_other), "+allocs.Estimate(rate)+".",
			[]string{"handler"}, nil),
		objects: prometheus.NewDesc("brrtrouter_handler_allocated_objects_total",
			"Objects allocated by the handler's call tree, or by all else (_other), "+allocs.Estimate(rate)+
				"; where sizes differ widely, objects have a larger one.", []string{"handler"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (a handlerAllocations) Describe(out chan<- *prometheus.Desc) {
	out <- a.bytes
	out <- a.objects
}

// Collect implements prometheus.Collector.
func (a handlerAllocations) Collect(out chan<- prometheus.Metric) {
	for _, u := range a.from.Read() {
		out <- prometheus.MustNewConstMetric(a.bytes, prometheus.CounterValue, u.Bytes, u.Handler)
		out <- prometheus.MustNewConstMetric(a.objects, prometheus.CounterValue, u.Objects, u.Handler)
	}
}
