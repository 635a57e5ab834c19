//go:build !notelemetry

package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
)

// authMetrics tell about the security providers. The zero value is the group switched off.
type authMetrics struct {
	duration *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

func newAuthMetrics(r prometheus.Registerer) authMetrics {
	m := authMetrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "brrtrouter_auth_duration_seconds",
			Help:    "Time one provider took to validate one request, successes and failures alike.",
			Buckets: []float64{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5},
		}, []string{"provider"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "brrtrouter_auth_failures_total",
			Help: "Requests refused by a security provider."}, []string{"provider", "reason"}),
	}
	r.MustRegister(m.duration, m.failures)
	return m
}

// Provider holds the metrics of one security provider, resolved once.
type Provider struct {
	t        *Telemetry
	name     string
	duration prometheus.Observer
	failures map[string]prometheus.Counter
}

// Provider registers a security provider, with the reasons for which it can refuse, or gives the one of that name.
func (t *Telemetry) Provider(name string, reasons []string) *Provider {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.providers[name]; p != nil {
		return p
	}
	p := &Provider{t: t, name: name}
	if t.groups.Auth {
		p.duration = t.auth.duration.WithLabelValues(name)
		p.failures = map[string]prometheus.Counter{}
		for _, reason := range reasons {
			p.failures[reason] = t.auth.failures.WithLabelValues(name, reason)
		}
	}
	t.providers[name] = p
	return p
}

// Validation is one provider's check under way.
type Validation struct {
	rq       *Request
	provider *Provider
	began    int64
	span     span
}

// Validating begins one provider's check of the request.
func (rq *Request) Validating(p *Provider) Validation {
	v := Validation{rq: rq, provider: p, span: rq.trace.child("security.validate")}
	if rq.t.groups.Auth || rq.t.groups.Logs {
		v.began = rq.reading()
	}
	return v
}

// Done ends the check; an empty reason means that the request may pass.
func (v Validation) Done(reason string) {
	v.endSpan(reason)
	if v.began == 0 {
		return
	}
	v.rq.mark = now()
	took := v.rq.mark - v.began
	if v.provider.duration != nil {
		v.provider.duration.Observe(seconds(took))
		if reason != "" {
			v.provider.failures[reason].Inc()
		}
	}
	v.rq.t.log.validated(v.provider.name, took, reason)
}

func (v Validation) endSpan(reason string) {
	if v.span.of == nil {
		return
	}
	if reason != "" {
		v.span.fail(reason)
	}
	v.span.end(attribute.String("brrtrouter.provider", v.provider.name))
}
