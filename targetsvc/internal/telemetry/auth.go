//go:build !notelemetry

package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
)

var authBounds = []float64{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5,
	1, 2.5}

// authentication are the families of the group auth; nil where the group is off.
type authentication struct {
	duration *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

func newAuthentication(v vectors) *authentication {
	return &authentication{
		duration: v.histogram("brrtrouter_auth_duration_seconds",
			"Time one provider took to validate one request, successes and failures alike.", authBounds, "provider"),
		failures: v.counter("brrtrouter_auth_failures_total", "Requests refused by a security provider.", "provider", "reason"),
	}
}

// Provider counts what one security provider does.
type Provider struct {
	name     string
	duration prometheus.Observer    // nil where the group is off
	failures *prometheus.CounterVec // by reason
}

// Provider registers a security provider, with the reasons for which it can refuse, or gives the
// one of that name. Its series exist from then on.
func (t *Telemetry) Provider(name string, reasons []string) *Provider {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.providers[name]; p != nil {
		return p
	}
	p := &Provider{name: name}
	if a := t.auth; a != nil {
		p.duration = a.duration.WithLabelValues(name)
		p.failures = a.failures.MustCurryWith(prometheus.Labels{"provider": name})
		for _, reason := range reasons {
			p.failures.WithLabelValues(reason)
		}
	}
	t.providers[name] = p
	return p
}

func (p *Provider) count(took int64, reason string) {
	if p.duration == nil {
		return
	}
	p.duration.Observe(seconds(took))
	if reason != "" {
		p.failures.WithLabelValues(reason).Inc()
	}
}

// Validation is one provider's check under way.
type Validation struct {
	rq    *Request
	began int64
}

// Validating begins one provider's check of the request.
func (rq *Request) Validating(p *Provider) Validation {
	rq.trace.begin("security.validate")
	rq.provider = p
	v := Validation{rq: rq}
	if rq.t.groups.Auth || rq.t.groups.Logs {
		v.began = rq.reading()
	}
	return v
}

// Done ends the check; an empty reason means that the request may pass.
func (v Validation) Done(reason string) {
	if v.rq.trace != nil {
		v.rq.trace.end(reason, attribute.String("brrtrouter.provider", v.rq.provider.name))
	}
	if v.began == 0 {
		return
	}
	v.rq.mark = now()
	took := v.rq.mark - v.began
	v.rq.provider.count(took, reason)
	v.rq.t.log.validated(v.rq.provider.name, took, reason)
}
