//go:build !notelemetry

package metrics

import "github.com/prometheus/client_golang/prometheus"

var routeBounds = []float64{1e-6, 2e-6, 4e-6, 8e-6, 1.6e-5, 3.2e-5, 6.4e-5, 1.28e-4, 2.56e-4, 5.12e-4, 1e-3, 2.5e-3, 5e-3,
	1e-2, 0.1, 1}

// Routes is the group route.
type Routes struct {
	failures prometheus.Counter
	duration prometheus.Histogram
}

// NewRoutes registers the group route.
func NewRoutes(r prometheus.Registerer) *Routes {
	v := vectorsIn(r)
	return &Routes{
		duration: v.NewHistogram(prometheus.HistogramOpts{Name: "brrtrouter_route_match_duration_seconds",
			Help: "Time to resolve a method and a path to a handler, hits and misses alike.", Buckets: routeBounds}),
		failures: v.NewCounter(prometheus.CounterOpts{Name: "brrtrouter_route_match_failures_total",
			Help: "Requests whose path has no route, or no route for their method."}),
	}
}

// Matched counts a match that took this many nanoseconds.
func (m *Routes) Matched(took int64, found bool) {
	if m == nil {
		return
	}
	m.duration.Observe(seconds(took))
	if !found {
		m.failures.Inc()
	}
}
