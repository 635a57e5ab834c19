//go:build !notelemetry

package telemetry

import (
	"time"
)

// slowMatch is the time above which a route match is logged.
const slowMatch = time.Millisecond

// Matching is a route match under way.
type Matching struct {
	rq    *Request
	began int64
}

// Matching begins the resolution of a route.
func (rq *Request) Matching() Matching {
	rq.trace.Begin("route.match")
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
	m.rq.trace.End("")
	if m.began == 0 {
		return
	}
	m.rq.mark = now()
	took := m.rq.mark - m.began
	m.rq.t.routes.Matched(took, h != nil)
	if took > int64(slowMatch) {
		m.rq.t.log.SlowMatch(standardMethod(m.rq.http.Method), m.rq.http.URL.Path, took)
	}
}
