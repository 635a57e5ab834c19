//go:build !notelemetry

package metrics

import (
	"maps"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Coroutines is the group coroutines. One collector emits what it knows from one snapshot, so that
// spawned − destroyed is the sum of active at every scrape.
type Coroutines struct {
	failures *prometheus.CounterVec

	mu             sync.Mutex
	started, ended uint64
	active         map[string]int
}

var (
	coroutinesActive = prometheus.NewDesc("brrtrouter_coroutines_active",
		"Coroutines alive now.", []string{"handler"}, nil)
	coroutinesSpawned = prometheus.NewDesc("brrtrouter_coroutines_spawned_total",
		"Coroutines started since the process started.", nil, nil)
	coroutinesDestroyed = prometheus.NewDesc("brrtrouter_coroutines_destroyed_total",
		"Coroutines ended since the process started.", nil, nil)
)

// NewCoroutines registers the group coroutines.
func NewCoroutines(r prometheus.Registerer) *Coroutines {
	c := &Coroutines{active: map[string]int{}, failures: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "brrtrouter_coroutine_spawn_failures_total", Help: "Coroutines that could not be started.",
	}, []string{"handler", "reason"})}
	r.MustRegister(c, c.failures)
	return c
}

// Register makes the series of a handler, whose coroutines can fail to start for these reasons.
func (c *Coroutines) Register(handler string, reasons ...string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.active[handler] += 0
	c.mu.Unlock()
	for _, reason := range reasons {
		c.failures.WithLabelValues(handler, reason)
	}
}

// Spawned counts a coroutine that was started.
func (c *Coroutines) Spawned(handler string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started++
	c.active[handler]++
}

// Destroyed counts a coroutine that has ended.
func (c *Coroutines) Destroyed(handler string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended++
	c.active[handler]--
}

// Failed counts a coroutine that could not be started.
func (c *Coroutines) Failed(handler, reason string) {
	if c != nil {
		c.failures.WithLabelValues(handler, reason).Inc()
	}
}

// Describe implements prometheus.Collector.
func (c *Coroutines) Describe(out chan<- *prometheus.Desc) {
	out <- coroutinesActive
	out <- coroutinesSpawned
	out <- coroutinesDestroyed
}

// Collect implements prometheus.Collector from one snapshot.
func (c *Coroutines) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	started, ended, active := c.started, c.ended, maps.Clone(c.active)
	c.mu.Unlock()
	out <- prometheus.MustNewConstMetric(coroutinesSpawned, prometheus.CounterValue, float64(started))
	out <- prometheus.MustNewConstMetric(coroutinesDestroyed, prometheus.CounterValue, float64(ended))
	for _, handler := range slices.Sorted(maps.Keys(active)) {
		out <- prometheus.MustNewConstMetric(coroutinesActive, prometheus.GaugeValue, float64(active[handler]), handler)
	}
}
