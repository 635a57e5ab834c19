//go:build !notelemetry

package telemetry

import (
	"maps"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// coroutines counts coroutines. One collector emits what it knows from one snapshot, so that
// spawned − destroyed is the sum of active at every scrape. A nil *coroutines counts nothing.
type coroutines struct {
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

func newCoroutines(r prometheus.Registerer) *coroutines {
	c := &coroutines{active: map[string]int{}, failures: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "brrtrouter_coroutine_spawn_failures_total", Help: "Coroutines that could not be started.",
	}, []string{"handler", "reason"})}
	r.MustRegister(c, c.failures)
	return c
}

func (c *coroutines) register(handler string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.active[handler] += 0
	c.mu.Unlock()
	c.failures.WithLabelValues(handler, SpawnLimit)
	c.failures.WithLabelValues(handler, SpawnShutdown)
}

func (c *coroutines) spawned(handler string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started++
	c.active[handler]++
}

func (c *coroutines) destroyed(handler string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended++
	c.active[handler]--
}

func (c *coroutines) failed(handler, reason string) {
	if c != nil {
		c.failures.WithLabelValues(handler, reason).Inc()
	}
}

// Describe implements prometheus.Collector.
func (c *coroutines) Describe(out chan<- *prometheus.Desc) {
	out <- coroutinesActive
	out <- coroutinesSpawned
	out <- coroutinesDestroyed
}

// Collect implements prometheus.Collector from one snapshot.
func (c *coroutines) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	started, ended, active := c.started, c.ended, maps.Clone(c.active)
	c.mu.Unlock()
	out <- prometheus.MustNewConstMetric(coroutinesSpawned, prometheus.CounterValue, float64(started))
	out <- prometheus.MustNewConstMetric(coroutinesDestroyed, prometheus.CounterValue, float64(ended))
	for _, handler := range slices.Sorted(maps.Keys(active)) {
		out <- prometheus.MustNewConstMetric(coroutinesActive, prometheus.GaugeValue, float64(active[handler]), handler)
	}
}
