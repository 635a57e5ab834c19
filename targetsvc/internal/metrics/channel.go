//go:build !notelemetry

package metrics

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

// Channels is the group channel.
type Channels struct {
	registry           prometheus.Registerer
	depth, wait, reply *prometheus.HistogramVec
	failures           *prometheus.CounterVec
}

// NewChannels registers the group channel, for mailboxes of these capacities.
func NewChannels(r prometheus.Registerer, mailboxes []int) *Channels {
	v := vectorsIn(r)
	return &Channels{
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

// Channel are one handler's series of the group channel.
type Channel struct {
	depth, wait, reply prometheus.Observer
	failures           prometheus.Counter
}

// Of returns the series of a handler, which exist from then on; waiting returns how many requests
// are in its mailbox now. The group must be on before anything is counted in them.
func (c *Channels) Of(handler string, waiting func() int) Channel {
	if c == nil {
		return Channel{}
	}
	promauto.With(c.registry).NewGaugeFunc(prometheus.GaugeOpts{Name: "brrtrouter_channel_queue_depth",
		Help: "Requests sent to the mailbox and not yet taken.", ConstLabels: prometheus.Labels{"handler": handler},
	}, func() float64 { return float64(waiting()) })
	return Channel{c.depth.WithLabelValues(handler), c.wait.WithLabelValues(handler), c.reply.WithLabelValues(handler),
		c.failures.WithLabelValues(handler)}
}

// Sent counts a send that found this many requests in the mailbox.
func (c *Channel) Sent(depth int) { c.depth.Observe(float64(depth)) }

// Refused counts a send that the mailbox, with this many requests in it, did not take.
func (c *Channel) Refused(depth int) {
	c.Sent(depth)
	c.failures.Inc()
}

// Taken counts how many nanoseconds a request was in the mailbox.
func (c *Channel) Taken(waited int64) { c.wait.Observe(seconds(waited)) }

// Replied counts for how many nanoseconds the dispatcher waited for a reply.
func (c *Channel) Replied(waited int64) { c.reply.Observe(seconds(waited)) }
