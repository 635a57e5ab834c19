//go:build !notelemetry

package telemetry

import "github.com/prometheus/client_golang/prometheus"

// stackSizes tells the configured size of each handler's coroutines.
type stackSizes struct{ t *Telemetry }

var stackBytes = prometheus.NewDesc("brrtrouter_coroutine_stack_bytes",
	"Configured stack size of the handler's coroutines.", []string{"handler"}, nil)

// Describe implements prometheus.Collector.
func (stackSizes) Describe(out chan<- *prometheus.Desc) { out <- stackBytes }

// Collect implements prometheus.Collector.
func (s stackSizes) Collect(out chan<- prometheus.Metric) {
	for _, h := range s.t.registeredHandlers() {
		out <- prometheus.MustNewConstMetric(stackBytes, prometheus.GaugeValue, float64(h.facts.Load().StackSize), h.name)
	}
}
