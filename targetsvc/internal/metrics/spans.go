//go:build !notelemetry

package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"brrtload/targetsvc/internal/tracing"
)

// RegisterSpans registers the group traces; of is nil when no spans are delivered.
func RegisterSpans(r prometheus.Registerer, of *tracing.Tracing) { r.MustRegister(spanCounts{of}) }

// spanCounts collects where the spans are.
type spanCounts struct{ of *tracing.Tracing }

var (
	spansEnded = prometheus.NewDesc("brrtrouter_spans_ended_total",
		"Sampled spans that have ended: those exported, those dropped and those still queued.", nil, nil)
	spansDropped = prometheus.NewDesc("brrtrouter_spans_dropped_total",
		"Sampled spans that were not acknowledged by the receiver.", []string{"reason"}, nil)
)

// Describe implements prometheus.Collector.
func (spanCounts) Describe(out chan<- *prometheus.Desc) {
	out <- spansEnded
	out <- spansDropped
}

// Collect implements prometheus.Collector from one snapshot.
func (s spanCounts) Collect(out chan<- prometheus.Metric) {
	var c tracing.Counts
	if s.of != nil {
		c = s.of.Counts()
	}
	out <- prometheus.MustNewConstMetric(spansEnded, prometheus.CounterValue, float64(c.Ended))
	for _, reason := range tracing.Reasons {
		out <- prometheus.MustNewConstMetric(spansDropped, prometheus.CounterValue, float64(c.Dropped[reason]),
			string(reason))
	}
}
