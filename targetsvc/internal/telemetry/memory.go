//go:build !notelemetry

package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"brrtload/targetsvc/internal/allocs"
)

// handlerAllocations tells what each handler allocated.
type handlerAllocations struct{ from *allocs.Estimator }

var (
	allocatedBytes = prometheus.NewDesc("brrtrouter_handler_allocated_bytes_total",
		"Memory allocated by the handler's call tree, or by all else (_other), "+allocs.Estimate+".", []string{"handler"}, nil)
	allocatedObjects = prometheus.NewDesc("brrtrouter_handler_allocated_objects_total",
		"Objects allocated by the handler's call tree, or by all else (_other), "+allocs.Estimate+
			", more where sizes differ widely.", []string{"handler"}, nil)
)

// Describe implements prometheus.Collector.
func (handlerAllocations) Describe(out chan<- *prometheus.Desc) {
	out <- allocatedBytes
	out <- allocatedObjects
}

// Collect implements prometheus.Collector.
func (a handlerAllocations) Collect(out chan<- prometheus.Metric) {
	for _, u := range a.from.Read() {
		out <- prometheus.MustNewConstMetric(allocatedBytes, prometheus.CounterValue, u.Bytes, u.Handler)
		out <- prometheus.MustNewConstMetric(allocatedObjects, prometheus.CounterValue, u.Objects, u.Handler)
	}
}
