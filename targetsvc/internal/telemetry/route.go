//go:build !notelemetry

package telemetry

import "github.com/prometheus/client_golang/prometheus"

// routeMetrics tell about route matching. The zero value is the group switched off.
type routeMetrics struct {
	duration prometheus.Histogram
	failures prometheus.Counter
}

func newRouteMetrics(r prometheus.Registerer) routeMetrics {
	m := routeMetrics{
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "brrtrouter_route_match_duration_seconds",
			Help:    "Time to resolve a method and a path to a handler, hits and misses alike.",
			Buckets: []float64{1e-6, 2e-6, 4e-6, 8e-6, 1.6e-5, 3.2e-5, 6.4e-5, 1.28e-4, 2.56e-4, 5.12e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 0.1, 1}}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "brrtrouter_route_match_failures_total",
			Help: "Requests whose path has no route, or no route for their method."}),
	}
	r.MustRegister(m.duration, m.failures)
	return m
}

// Matching is a route match under way.
type Matching struct {
	rq    *Request
	began int64
	span  span
}

// Matching begins the resolution of a route.
func (rq *Request) Matching() Matching {
	m := Matching{rq: rq, span: rq.trace.child("route.match")}
	if rq.t.groups.Route || rq.t.groups.Logs {
		m.began = rq.reading()
	}
	return m
}

// Done ends the match; a nil handler means that there is no route.
func (m Matching) Done(h *Handler) {
	if h != nil {
		m.rq.handler = h
	}
	m.span.end()
	if m.began == 0 {
		return
	}
	m.rq.mark = now()
	took := m.rq.mark - m.began
	if route := &m.rq.t.route; route.duration != nil {
		route.duration.Observe(seconds(took))
		if h == nil {
			route.failures.Inc()
		}
	}
	if took > int64(slowMatch) {
		m.rq.t.log.slowMatch(m.rq.http, took)
	}
}
