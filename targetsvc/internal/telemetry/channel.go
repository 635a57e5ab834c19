//go:build !notelemetry

package telemetry

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// waitBounds span a hand-over between two goroutines, about a microsecond, and a deadline.
var waitBounds = []float64{1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2,
	5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

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

// channels are the families of the group channel; nil where the group is off.
type channels struct {
	registry           prometheus.Registerer
	depth, wait, reply *prometheus.HistogramVec
	failures           *prometheus.CounterVec
}

func newChannels(r prometheus.Registerer, mailboxes []int) *channels {
	v := vectorsIn(r)
	return &channels{
		registry: r,
		depth: v.histogram("brrtrouter_channel_depth_at_send",
			"Requests in the mailbox found by each attempted send, refused ones included.", depthBuckets(mailboxes), "handler"),
		wait: v.histogram("brrtrouter_channel_wait_seconds",
			"Time from the send until a coroutine took the request.", waitBounds, "handler"),
		reply: v.histogram("brrtrouter_response_wait_seconds",
			"Time the dispatcher waited for the reply.", waitBounds, "handler"),
		failures: v.counter("brrtrouter_channel_send_failures_total",
			"Sends refused because the mailbox was full or closed.", "handler"),
	}
}

// handlerChannel are one handler's series of the group channel.
type handlerChannel struct {
	depth, wait, reply prometheus.Observer
	failures           prometheus.Counter
}

// of returns the series of a handler, which exist from then on. A nil *channels has none.
func (c *channels) of(h *Handler) handlerChannel {
	if c == nil {
		return handlerChannel{}
	}
	promauto.With(c.registry).NewGaugeFunc(prometheus.GaugeOpts{Name: "brrtrouter_channel_queue_depth",
		Help: "Requests sent to the mailbox and not yet taken.", ConstLabels: prometheus.Labels{"handler": h.name},
	}, func() float64 { return float64(h.facts.Load().Waiting()) })
	return handlerChannel{c.depth.WithLabelValues(h.name), c.wait.WithLabelValues(h.name), c.reply.WithLabelValues(h.name),
		c.failures.WithLabelValues(h.name)}
}
