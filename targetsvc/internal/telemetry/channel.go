//go:build !notelemetry

package telemetry

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// channelMetrics tell about the mailboxes. The zero value is the group switched off.
type channelMetrics struct {
	depth, wait, reply *prometheus.HistogramVec
	failures           *prometheus.CounterVec
}

func newChannelMetrics(r prometheus.Registerer, capacities []int) channelMetrics {
	m := channelMetrics{
		depth: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "brrtrouter_channel_depth_at_send",
			Help:    "Requests in the mailbox found by each attempted send, refused ones included.",
			Buckets: depthBuckets(capacities)}, []string{"handler"}),
		wait: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "brrtrouter_channel_wait_seconds",
			Help: "Time from the send until a coroutine took the request.", Buckets: waitBuckets}, []string{"handler"}),
		reply: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "brrtrouter_response_wait_seconds",
			Help: "Time the dispatcher waited for the reply.", Buckets: waitBuckets}, []string{"handler"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "brrtrouter_channel_send_failures_total",
			Help: "Sends refused because the mailbox was full or closed."}, []string{"handler"}),
	}
	r.MustRegister(m.depth, m.wait, m.reply, m.failures)
	return m
}

// waitBuckets span a hand-over between two goroutines, about a microsecond, and a deadline.
var waitBuckets = []float64{1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// depthBuckets are 0, the powers of two, and every capacity, so that a full mailbox has a bound of its own.
func depthBuckets(capacities []int) []float64 {
	largest := slices.Max(append([]int{1}, capacities...))
	out := []float64{0}
	for bound := 1; bound < largest; bound *= 2 {
		out = append(out, float64(bound))
	}
	for _, capacity := range capacities {
		out = append(out, float64(capacity))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (m channelMetrics) register(h *Handler) {
	if m.depth == nil {
		return
	}
	h.depthAtSend = m.depth.WithLabelValues(h.name)
	h.channelWait = m.wait.WithLabelValues(h.name)
	h.replyWait = m.reply.WithLabelValues(h.name)
	h.sendFailures = m.failures.WithLabelValues(h.name)
}

// queueDepths asks each mailbox how many requests wait in it.
type queueDepths struct{ t *Telemetry }

var queueDepth = prometheus.NewDesc("brrtrouter_channel_queue_depth",
	"Requests sent to the mailbox and not yet taken.", []string{"handler"}, nil)

// Describe implements prometheus.Collector.
func (queueDepths) Describe(out chan<- *prometheus.Desc) { out <- queueDepth }

// Collect implements prometheus.Collector.
func (q queueDepths) Collect(out chan<- prometheus.Metric) {
	for _, h := range q.t.registeredHandlers() {
		out <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(h.facts.Load().Waiting()), h.name)
	}
}
