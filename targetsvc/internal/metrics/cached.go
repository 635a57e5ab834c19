//go:build !notelemetry

package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// Cached returns a gatherer that gathers anew at most once a period.
func Cached(period time.Duration, inner prometheus.Gatherer) prometheus.Gatherer {
	return &cached{period: period, inner: inner}
}

// cached gathers anew at most once a period, as exporters do that find it dear. In between it
// answers what it gathered last.
type cached struct {
	period time.Duration
	inner  prometheus.Gatherer

	mu       sync.Mutex
	at       time.Time
	families []*dto.MetricFamily
}

// Gather implements prometheus.Gatherer. The families are the caller's own.
func (c *cached) Gather() ([]*dto.MetricFamily, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); c.families == nil || now.Sub(c.at) >= c.period {
		families, err := c.inner.Gather()
		if err != nil {
			return families, err
		}
		c.families, c.at = families, now
	}
	own := make([]*dto.MetricFamily, len(c.families))
	for i, f := range c.families {
		own[i] = proto.Clone(f).(*dto.MetricFamily)
	}
	return own, nil
}
