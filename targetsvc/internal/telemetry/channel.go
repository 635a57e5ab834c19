//go:build !notelemetry

package telemetry

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// waitScale spans a hand-over between two goroutines, about a microsecond, and a deadline.
var waitScale = scaleOf(nanoseconds, []float64{1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3,
	5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10})

// depthBuckets are 0, the powers of two, and every capacity, so that a full mailbox has a bound of
// its own.
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

var (
	channelDepth = prometheus.NewDesc("brrtrouter_channel_depth_at_send",
		"Requests in the mailbox found by each attempted send, refused ones included.", []string{"handler"}, nil)
	channelWait = prometheus.NewDesc("brrtrouter_channel_wait_seconds",
		"Time from the send until a coroutine took the request.", []string{"handler"}, nil)
	responseWait = prometheus.NewDesc("brrtrouter_response_wait_seconds",
		"Time the dispatcher waited for the reply.", []string{"handler"}, nil)
	sendFailures = prometheus.NewDesc("brrtrouter_channel_send_failures_total",
		"Sends refused because the mailbox was full or closed.", []string{"handler"}, nil)
	queueDepth = prometheus.NewDesc("brrtrouter_channel_queue_depth",
		"Requests sent to the mailbox and not yet taken.", []string{"handler"}, nil)
)

// channels tells about the mailboxes.
type channels struct{ t *Telemetry }

// Describe implements prometheus.Collector.
func (channels) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{channelDepth, channelWait, responseWait, sendFailures, queueDepth} {
		out <- desc
	}
}

// Collect implements prometheus.Collector.
func (c channels) Collect(out chan<- prometheus.Metric) {
	for _, h := range c.t.registeredHandlers() {
		out <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(h.facts.Load().Waiting()),
			h.name)
		for _, metric := range h.channelMetrics() {
			out <- metric
		}
	}
}

func (h *Handler) channelMetrics() []prometheus.Metric {
	h.tally.mu.Lock()
	defer h.tally.mu.Unlock()
	return []prometheus.Metric{
		h.tally.depth.snapshot(channelDepth, h.name),
		h.tally.wait.snapshot(channelWait, h.name),
		h.tally.reply.snapshot(responseWait, h.name),
		counted(sendFailures, h.tally.sendFailures, h.name),
	}
}
