//go:build !notelemetry

package telemetry

import "github.com/prometheus/client_golang/prometheus"

var routeBounds = []float64{1e-6, 2e-6, 4e-6, 8e-6, 1.6e-5, 3.2e-5, 6.4e-5, 1.28e-4, 2.56e-4, 5.12e-4, 1e-3, 2.5e-3, 5e-3,
	1e-2, 0.1, 1}

// routeMatches are the families of the group route; nil where the group is off.
type routeMatches struct {
	failures prometheus.Counter
	duration prometheus.Histogram
}

func newRouteMatches(v vectors) *routeMatches {
	return &routeMatches{
		duration: v.NewHistogram(prometheus.HistogramOpts{Name: "brrtrouter_route_match_duration_seconds",
			Help: "Time to resolve a method and a path to a handler, hits and misses alike.", Buckets: routeBounds}),
		failures: v.NewCounter(prometheus.CounterOpts{Name: "brrtrouter_route_match_failures_total",
			Help: "Requests whose path has no route, or no route for their method."}),
	}
}

func (m *routeMatches) count(took int64, found bool) {
	m.duration.Observe(seconds(took))
	if !found {
		m.failures.Inc()
	}
}

// Matching is a route match under way.
type Matching struct {
	rq    *Request
	began int64
}

// Matching begins the resolution of a route.
func (rq *Request) Matching() Matching {
	rq.trace.begin("route.match")
	m := Matching{rq: rq}
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
	m.rq.trace.end("")
	if m.began == 0 {
		return
	}
	m.rq.mark = now()
	took := m.rq.mark - m.began
	if m.rq.t.route != nil {
		m.rq.t.route.count(took, h != nil)
	}
	if took > int64(slowMatch) {
		m.rq.t.log.slowMatch(m.rq.http, took)
	}
}
