//go:build !notelemetry

package metrics

import "github.com/prometheus/client_golang/prometheus"

var authBounds = []float64{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5,
	1, 2.5}

// Auth is the group auth.
type Auth struct {
	duration *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

// NewAuth registers the group auth.
func NewAuth(r prometheus.Registerer) *Auth {
	v := vectorsIn(r)
	return &Auth{
		duration: v.histogram("brrtrouter_auth_duration_seconds",
			"Time one provider took to validate one request, successes and failures alike.", authBounds, "provider"),
		failures: v.counter("brrtrouter_auth_failures_total", "Requests refused by a security provider.", "provider", "reason"),
	}
}

// Provider are the series of one security provider. The zero value counts nothing.
type Provider struct {
	duration prometheus.Observer
	failures *prometheus.CounterVec // by reason
}

// Of returns the series of a provider, one for each reason for which it can refuse. They exist from
// then on.
func (a *Auth) Of(provider string, reasons []string) (p Provider) {
	if a == nil {
		return p
	}
	p.duration = a.duration.WithLabelValues(provider)
	p.failures = a.failures.MustCurryWith(prometheus.Labels{"provider": provider})
	for _, reason := range reasons {
		p.failures.WithLabelValues(reason)
	}
	return p
}

// Checked counts a check that took this many nanoseconds. Without a reason the request may pass.
func (p *Provider) Checked(took int64, reason string) {
	if p.duration == nil {
		return
	}
	p.duration.Observe(seconds(took))
	if reason != "" {
		p.failures.WithLabelValues(reason).Inc()
	}
}
