//go:build !notelemetry

package metrics

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	durationBounds = []float64{1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
	bodyBounds     = []float64{0, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
)

// Requests is the group request.
type Requests struct {
	total, aborted                        *prometheus.CounterVec
	duration, requestBytes, responseBytes *prometheus.HistogramVec
	active                                prometheus.Gauge
	preset                                bool
}

// NewRequests registers the group request. With preset, answers that are known beforehand have
// their series at start.
func NewRequests(r prometheus.Registerer, preset bool) *Requests {
	v := vectorsIn(r)
	return &Requests{
		preset: preset,
		total:  v.counter("brrtrouter_requests_total", "Requests answered.", "handler", "method", "status"),
		aborted: v.counter("brrtrouter_requests_aborted_total",
			"Requests whose client went away before the answer was written.", "handler", "stage"),
		duration: v.histogram("brrtrouter_request_duration_seconds",
			"Time from the request's arrival to the response written.", durationBounds, "handler"),
		requestBytes: v.histogram("brrtrouter_request_body_bytes",
			"Size of the request's body, as far as it was read.", bodyBounds, "handler"),
		responseBytes: v.histogram("brrtrouter_response_body_bytes",
			"Size of the response's body.", bodyBounds, "handler"),
		active: v.NewGauge(prometheus.GaugeOpts{Name: "brrtrouter_active_requests", Help: "Requests in flight now."}),
	}
}

// HandlerRequests are one handler's series of the group request. The zero value counts nothing.
type HandlerRequests struct {
	of                                    *Requests
	total                                 *prometheus.CounterVec // by method and status
	aborted                               []prometheus.Counter   // by stage
	duration, requestBytes, responseBytes prometheus.Observer
}

// Of returns the series of a handler, which exist from then on; stages are how far a request can
// have come when its client goes away.
func (r *Requests) Of(handler string, stages []string) (h HandlerRequests) {
	if r == nil {
		return h
	}
	h.of = r
	h.total = r.total.MustCurryWith(prometheus.Labels{"handler": handler})
	for _, stage := range stages {
		h.aborted = append(h.aborted, r.aborted.WithLabelValues(handler, stage))
	}
	h.duration = r.duration.WithLabelValues(handler)
	h.requestBytes = r.requestBytes.WithLabelValues(handler)
	h.responseBytes = r.responseBytes.WithLabelValues(handler)
	return h
}

// Unmatched makes the series of the requests that have no handler. One exists before the first
// request, so that the family is in the first scrape; those of the other methods where answers are
// preset.
func (h *HandlerRequests) Unmatched(methods []string) {
	if h.of == nil {
		return
	}
	h.answers(http.MethodGet, http.StatusNotFound)
	if h.of.preset {
		for _, method := range methods {
			h.answers(method, http.StatusNotFound)
			h.answers(method, http.StatusMethodNotAllowed)
		}
	}
}

// Known makes the series of the answers that the handler is known to give, where they are preset.
func (h *HandlerRequests) Known(method string, statuses []int) {
	if h.of == nil || !h.of.preset {
		return
	}
	for _, status := range statuses {
		h.answers(method, status)
	}
}

func (h *HandlerRequests) answers(method string, status int) prometheus.Counter {
	return h.total.WithLabelValues(method, strconv.Itoa(status))
}

// Began counts a request that has arrived.
func (r *Requests) Began() {
	if r != nil {
		r.active.Inc()
	}
}

// Answered counts an answer, which took this many nanoseconds, and the bytes of both bodies.
func (h *HandlerRequests) Answered(method string, status int, took int64, received, sent int) {
	if h.of == nil {
		return
	}
	h.answers(method, status).Inc()
	h.duration.Observe(seconds(took))
	h.requestBytes.Observe(float64(received))
	h.responseBytes.Observe(float64(sent))
	h.of.active.Dec()
}

// Aborted counts a request whose client went away at a stage: an index into the stages.
func (h *HandlerRequests) Aborted(stage int) {
	if h.of == nil {
		return
	}
	h.aborted[stage].Inc()
	h.of.active.Dec()
}
