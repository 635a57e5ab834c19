//go:build !notelemetry

package telemetry

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	durationBounds = []float64{1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
	bodyBounds     = []float64{0, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
)

// requests are the families of the group request; nil where the group is off.
type requests struct {
	total, aborted                        *prometheus.CounterVec
	duration, requestBytes, responseBytes *prometheus.HistogramVec
	active                                prometheus.Gauge
	preset                                bool // answers that are known beforehand get their series at start
}

func newRequests(v vectors, preset bool) *requests {
	return &requests{
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

// handlerRequests are one handler's series of the group request.
type handlerRequests struct {
	total                                 *prometheus.CounterVec // by method and status
	aborted                               [Responding + 1]prometheus.Counter
	duration, requestBytes, responseBytes prometheus.Observer
}

// of returns the series of a handler, which exist from then on. A nil *requests has none.
func (r *requests) of(handler string) (h handlerRequests) {
	if r == nil {
		return h
	}
	h.total = r.total.MustCurryWith(prometheus.Labels{"handler": handler})
	for stage := range h.aborted {
		h.aborted[stage] = r.aborted.WithLabelValues(handler, Stage(stage).String())
	}
	h.duration = r.duration.WithLabelValues(handler)
	h.requestBytes = r.requestBytes.WithLabelValues(handler)
	h.responseBytes = r.responseBytes.WithLabelValues(handler)
	return h
}

// begin states that a request has arrived.
func (r *requests) begin() {
	if r != nil {
		r.active.Inc()
	}
}

// initialise makes the series of the answers that the handler is known to give, where they are to
// exist before the first request. The family is in the first scrape in either case: a request
// without a handler is answered with 404.
func (h *Handler) initialise(facts HandlerFacts) {
	switch r := h.t.requests; {
	case r == nil:
	case facts.Method == "":
		h.requests.answers(http.MethodGet, http.StatusNotFound)
		if r.preset {
			for _, method := range append(standardMethods[:], otherMethod) {
				h.requests.answers(method, http.StatusNotFound)
				h.requests.answers(method, http.StatusMethodNotAllowed)
			}
		}
	case r.preset:
		for _, status := range facts.Statuses {
			h.requests.answers(facts.Method, status)
		}
	}
}

func (h *handlerRequests) answers(method string, status int) prometheus.Counter {
	return h.total.WithLabelValues(standardMethod(method), strconv.Itoa(status))
}

// Request is one request on its way. Its methods are called by one goroutine.
//
// It lies on the stack of that goroutine: the parts of it that are handed out (Matching and its
// like) hold nothing else, because the compiler takes a value to escape as soon as anything that it
// holds does.
type Request struct {
	t        *Telemetry
	handler  *Handler
	http     *http.Request
	id       uint64
	arrived  int64
	mark     int64     // the latest reading of the clock when nothing has been done since, else 0
	waited   int64     // for the reply, nanoseconds; negative when none was waited for
	received int       // bytes of the body
	provider *Provider // that is checking the request, or did last

	trace *requestTrace
}

// reading returns the time now, from the latest reading when nothing has been done since.
func (rq *Request) reading() int64 {
	if rq.mark == 0 {
		return now()
	}
	return rq.mark
}

// Body states that the request's body has been read, or that reading it ended after so many bytes.
func (rq *Request) Body(bytes int) {
	rq.received = bytes
	rq.mark = 0
}

// Responding is called right before the response is written.
func (rq *Request) Responding() { rq.trace.begin("response.write") }

// Panicked states that something outside a handler panicked. It does not end the request.
func (rq *Request) Panicked(value any) { rq.t.log.panicked(rq.id, rq.handler.name, value) }

// Answered states that the response was written. It ends the request.
func (rq *Request) Answered(status, bytes int) {
	took := int64(0)
	if rq.arrived != 0 {
		took = now() - rq.arrived
	}
	rq.countReply()
	if rq.t.requests != nil {
		of := &rq.handler.requests
		of.answers(rq.http.Method, status).Inc()
		of.duration.Observe(seconds(took))
		of.requestBytes.Observe(float64(rq.received))
		of.responseBytes.Observe(float64(bytes))
		rq.t.requests.active.Dec()
	}
	rq.t.log.complete(rq, status, took, bytes)
	rq.trace.answered(rq, status)
}

func (rq *Request) countReply() {
	if rq.waited >= 0 {
		rq.handler.channel.reply.Observe(seconds(rq.waited))
	}
}

// Aborted states that the client went away. It ends the request.
func (rq *Request) Aborted(stage Stage) {
	rq.trace.aborted(rq, stage)
	rq.countReply()
	if rq.t.requests != nil {
		rq.handler.requests.aborted[stage].Inc()
		rq.t.requests.active.Dec()
	}
	rq.t.log.aborted(rq, stage)
}
