//go:build !notelemetry

package telemetry

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// requestMetrics tell about whole requests. The zero value is the group switched off.
type requestMetrics struct {
	total                               *prometheus.CounterVec
	aborted                             *prometheus.CounterVec
	duration, requestBytes, answerBytes *prometheus.HistogramVec
	active                              *atomic.Int64
}

var bodyBuckets = []float64{0, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}

func newRequestMetrics(r prometheus.Registerer) requestMetrics {
	m := requestMetrics{
		active: new(atomic.Int64),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "brrtrouter_requests_total",
			Help: "Requests answered."}, []string{"handler", "method", "status"}),
		aborted: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "brrtrouter_requests_aborted_total",
			Help: "Requests whose client went away before the answer was written."}, []string{"handler", "stage"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "brrtrouter_request_duration_seconds",
			Help:    "Time from the request's arrival to the response written.",
			Buckets: []float64{1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
		}, []string{"handler"}),
		requestBytes: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "brrtrouter_request_body_bytes",
			Help: "Size of the request's body, as far as it was read.", Buckets: bodyBuckets}, []string{"handler"}),
		answerBytes: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "brrtrouter_response_body_bytes",
			Help: "Size of the response's body.", Buckets: bodyBuckets}, []string{"handler"}),
	}
	r.MustRegister(m.total, m.aborted, m.duration, m.requestBytes, m.answerBytes,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "brrtrouter_active_requests", Help: "Requests in flight now."},
			func() float64 { return float64(m.active.Load()) }))
	return m
}

func (m requestMetrics) register(h *Handler) {
	if m.total == nil {
		return
	}
	h.duration = m.duration.WithLabelValues(h.name)
	h.requestBytes = m.requestBytes.WithLabelValues(h.name)
	h.answerBytes = m.answerBytes.WithLabelValues(h.name)
	for stage := BeforeDispatch; stage <= Responding; stage++ {
		h.aborted[stage] = m.aborted.WithLabelValues(h.name, stage.String())
	}
	h.answers.of = m.total.MustCurryWith(prometheus.Labels{"handler": h.name})
	if h.facts.Load().Method == "" {
		for _, method := range append(standardMethods[:], otherMethod) {
			h.answers.count(method, http.StatusNotFound)
			h.answers.count(method, http.StatusMethodNotAllowed)
		}
	}
}

// initialise makes the series of the statuses that the handler is known to answer.
func (m requestMetrics) initialise(h *Handler, facts HandlerFacts) {
	if m.total == nil {
		return
	}
	for _, status := range facts.Statuses {
		h.answers.count(facts.Method, status)
	}
}

// Request is one request on its way. Its methods are called by one goroutine.
type Request struct {
	t        *Telemetry
	handler  *Handler
	http     *http.Request
	id       uint64
	arrived  int64
	mark     int64 // the latest reading of the clock when nothing has been done since, else 0
	received int   // bytes of the body

	trace *requestTrace
}

// reading gives the time now, from the latest reading when nothing has been done since.
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
func (rq *Request) Responding() { rq.trace.respond() }

// Panicked states that something outside a handler panicked. It does not end the request.
func (rq *Request) Panicked(value any) { rq.t.log.panicked(rq.id, rq.handler.name, value) }

// Answered states that the response was written. It ends the request.
func (rq *Request) Answered(status, bytes int) {
	if rq.arrived != 0 {
		rq.count(now()-rq.arrived, status, bytes)
	}
	rq.trace.answered(rq, status)
}

func (rq *Request) count(took int64, status, bytes int) {
	h := rq.handler
	if rq.t.groups.Request {
		h.duration.Observe(seconds(took))
		h.requestBytes.Observe(float64(rq.received))
		h.answerBytes.Observe(float64(bytes))
		h.answers.count(rq.http.Method, status).Inc()
		rq.t.request.active.Add(-1)
	}
	rq.t.log.complete(rq, status, took, bytes)
}

// Aborted states that the client went away. It ends the request.
func (rq *Request) Aborted(stage Stage) {
	rq.trace.aborted(rq, stage)
	if rq.t.groups.Request {
		rq.handler.aborted[stage].Inc()
		rq.t.request.active.Add(-1)
	}
	rq.t.log.aborted(rq, stage)
}
