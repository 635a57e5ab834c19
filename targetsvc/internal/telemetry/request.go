//go:build !notelemetry

package telemetry

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	durationScale = scaleOf(nanoseconds, []float64{1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1,
		0.25, 0.5, 1, 2.5, 5, 10})
	bodyScale = scaleOf(1, []float64{0, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216,
		67108864})
)

var (
	requestsTotal = prometheus.NewDesc("brrtrouter_requests_total",
		"Requests answered.", []string{"handler", "method", "status"}, nil)
	requestsAborted = prometheus.NewDesc("brrtrouter_requests_aborted_total",
		"Requests whose client went away before the answer was written.", []string{"handler", "stage"}, nil)
	requestDuration = prometheus.NewDesc("brrtrouter_request_duration_seconds",
		"Time from the request's arrival to the response written.", []string{"handler"}, nil)
	requestBytes = prometheus.NewDesc("brrtrouter_request_body_bytes",
		"Size of the request's body, as far as it was read.", []string{"handler"}, nil)
	responseBytes = prometheus.NewDesc("brrtrouter_response_body_bytes",
		"Size of the response's body.", []string{"handler"}, nil)
	activeRequests = prometheus.NewDesc("brrtrouter_active_requests", "Requests in flight now.", nil, nil)
)

// requests tells about whole requests.
type requests struct{ t *Telemetry }

// Describe implements prometheus.Collector.
func (requests) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{requestsTotal, requestsAborted, requestDuration, requestBytes,
		responseBytes, activeRequests} {
		out <- desc
	}
}

// Collect implements prometheus.Collector.
func (r requests) Collect(out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(activeRequests, prometheus.GaugeValue, float64(r.t.active.Load()))
	for _, h := range append(r.t.registeredHandlers(), r.t.unmatched) {
		for _, metric := range h.requestMetrics() {
			out <- metric
		}
	}
}

func (h *Handler) requestMetrics() []prometheus.Metric {
	h.tally.mu.Lock()
	defer h.tally.mu.Unlock()
	out := []prometheus.Metric{
		h.tally.duration.snapshot(requestDuration, h.name),
		h.tally.requestBody.snapshot(requestBytes, h.name),
		h.tally.response.snapshot(responseBytes, h.name),
	}
	for stage, n := range h.tally.aborted {
		out = append(out, counted(requestsAborted, n, h.name, Stage(stage).String()))
	}
	for _, a := range h.tally.answers {
		out = append(out, counted(requestsTotal, a.n, h.name, a.method, strconv.Itoa(a.status)))
	}
	return out
}

// initialise makes the series of the answers that the handler is known to give.
func (h *Handler) initialise(facts HandlerFacts) {
	h.tally.mu.Lock()
	defer h.tally.mu.Unlock()
	for _, status := range facts.Statuses {
		h.tally.answered(facts.Method, status, 0)
	}
	if facts.Method == "" {
		for _, method := range append(standardMethods[:], otherMethod) {
			h.tally.answered(method, http.StatusNotFound, 0)
			h.tally.answered(method, http.StatusMethodNotAllowed, 0)
		}
	}
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
	if on := &rq.t.groups; on.Request || on.Channel {
		rq.count(took, status, bytes)
	}
	rq.t.log.complete(rq, status, took, bytes)
	rq.trace.answered(rq, status)
}

// count counts an answer in all that its end counts.
func (rq *Request) count(took int64, status, bytes int) {
	tally := &rq.handler.tally
	tally.mu.Lock()
	rq.countReply(tally)
	if rq.t.groups.Request {
		tally.answered(rq.http.Method, status, 1)
		tally.duration.observe(took)
		tally.requestBody.observe(int64(rq.received))
		tally.response.observe(int64(bytes))
		rq.t.active.Add(-1)
	}
	tally.mu.Unlock()
}

func (rq *Request) countReply(tally *tally) {
	if rq.waited >= 0 {
		tally.reply.observe(rq.waited)
	}
}

// Aborted states that the client went away. It ends the request.
func (rq *Request) Aborted(stage Stage) {
	rq.trace.aborted(rq, stage)
	tally := &rq.handler.tally
	tally.mu.Lock()
	rq.countReply(tally)
	if rq.t.groups.Request {
		tally.aborted[stage]++
		rq.t.active.Add(-1)
	}
	tally.mu.Unlock()
	rq.t.log.aborted(rq, stage)
}
