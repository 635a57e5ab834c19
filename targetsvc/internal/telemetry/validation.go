//go:build !notelemetry

package telemetry

import "go.opentelemetry.io/otel/attribute"

// Validation is one provider's check under way.
type Validation struct {
	rq    *Request
	began int64
}

// Validating begins one provider's check of the request.
func (rq *Request) Validating(p *Provider) Validation {
	rq.trace.Begin("security.validate")
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
		v.rq.trace.End(reason, attribute.String("brrtrouter.provider", v.rq.provider.name))
	}
	if v.began == 0 {
		return
	}
	v.rq.mark = now()
	took := v.rq.mark - v.began
	v.rq.provider.series.Checked(took, reason)
	v.rq.t.log.Validated(v.rq.provider.name, took, reason)
}
