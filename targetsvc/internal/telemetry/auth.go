//go:build !notelemetry

package telemetry

import (
	"maps"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
)

var authScale = scaleOf(nanoseconds, []float64{1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2,
	5e-2, 0.1, 0.25, 0.5, 1, 2.5})

var (
	authDuration = prometheus.NewDesc("brrtrouter_auth_duration_seconds",
		"Time one provider took to validate one request, successes and failures alike.", []string{"provider"}, nil)
	authFailures = prometheus.NewDesc("brrtrouter_auth_failures_total",
		"Requests refused by a security provider.", []string{"provider", "reason"}, nil)
)

// Provider counts what one security provider does.
type Provider struct {
	t    *Telemetry
	name string

	mu       sync.Mutex
	duration histogram
	failures map[string]uint64 // by reason; all reasons are there
}

// Provider registers a security provider, with the reasons for which it can refuse, or gives the
// one of that name.
func (t *Telemetry) Provider(name string, reasons []string) *Provider {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.providers[name]; p != nil {
		return p
	}
	p := &Provider{t: t, name: name, duration: newHistograms(authScale)[0], failures: map[string]uint64{}}
	for _, reason := range reasons {
		p.failures[reason] = 0
	}
	t.providers[name] = p
	return p
}

func (p *Provider) count(took int64, reason string) {
	p.mu.Lock()
	p.duration.observe(took)
	if reason != "" {
		p.failures[reason]++
	}
	p.mu.Unlock()
}

// providers tells about the security providers.
type providers struct{ t *Telemetry }

// Describe implements prometheus.Collector.
func (providers) Describe(out chan<- *prometheus.Desc) {
	out <- authDuration
	out <- authFailures
}

// Collect implements prometheus.Collector.
func (c providers) Collect(out chan<- prometheus.Metric) {
	c.t.mu.Lock()
	all := slices.Collect(maps.Values(c.t.providers))
	c.t.mu.Unlock()
	for _, p := range all {
		p.mu.Lock()
		duration, failures := p.duration.snapshot(authDuration, p.name), maps.Clone(p.failures)
		p.mu.Unlock()
		out <- duration
		for reason, n := range failures {
			out <- counted(authFailures, n, p.name, reason)
		}
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
	if v.rq.t.groups.Auth {
		v.rq.provider.count(took, reason)
	}
	v.rq.t.log.validated(v.rq.provider.name, took, reason)
}
