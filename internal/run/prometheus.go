package run

import (
	"context"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/prometheus"
	"brrtload/internal/relay"
	"brrtload/reports"
)

// notYet is why nothing is concluded under load.
const notYet = "the samples are read from Prometheus when the load is over"

// newRelay prepares the reading of what a scenario names; nil when it names nothing.
func (r *runner) newRelay() (*relay.Relay, error) {
	p := r.Scenario.Scrape.Prometheus
	if p == nil {
		return nil, nil
	}
	server, err := prometheus.New(prometheus.Settings{URL: p.URL.Value, Match: p.Match.Value, HTTP: p.HTTP.Settings(),
		Screen: func(body []byte) {
			if r.intake.Screen.Has(body) {
				r.intake.Screen.Found("the series in Prometheus", body, "")
				r.intake.Screen.Mask(body)
			}
		}})
	if err != nil {
		return nil, end{reports.Unreachable, err}
	}
	return &relay.Relay{Server: server}, nil
}

// openRelay finds the service's series.
func (r *runner) openRelay(ctx context.Context) error {
	p := r.relay
	if p == nil {
		return nil
	}
	r.store.Relay(evidence.Relayed{Doubt: notYet})
	if err := p.Open(ctx, r.Scenario.Scrape.Prometheus.Match.Value); err != nil {
		return unreachable(p, ctx, err)
	}
	r.store.Relay(evidence.Relayed{Every: p.Every, Doubt: notYet})
	r.client.Relayed(p.Every)
	r.say("the series of %s are read from Prometheus, which scrapes every %s; waiting for its next scrape",
		relay.Counted(len(p.Waited), "endpoint"), p.Every)
	return nil
}

// beforeLoad waits for a scrape that has seen all that the run did so far.
func (r *runner) beforeLoad(ctx context.Context) error {
	p := r.relay
	if p == nil {
		return nil
	}
	if err := p.Await(ctx, p.Touched, 1); err != nil {
		return unreachable(p, ctx, err)
	}
	p.Settle(ctx)
	return nil
}

func unreachable(p *relay.Relay, ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return ends(reports.Unreachable, "the target's metrics cannot be read: %w", err)
}

// afterLoad waits for a scrape that has seen the last hit.
func (r *runner) afterLoad(ctx context.Context) error {
	p := r.relay
	if p == nil {
		return nil
	}
	p.Done = r.loop.Stamp()
	var err error
	if p.Over, err = p.Tick(ctx); err == nil {
		r.say("waiting for the next scrape by Prometheus, %s at most", (2*p.Every + relay.Late).Round(time.Second))
		err = p.Await(ctx, p.Over, 1)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		p.Doubt = err.Error()
	}
	p.Settle(ctx)
	return nil
}

// idleRelay waits for one scrape more, and reports whether there was one.
func (r *runner) idleRelay(ctx context.Context) bool {
	p := r.relay
	if p == nil {
		return true
	}
	if p.Doubt != "" {
		return false
	}
	err := p.Await(ctx, p.Over, 2)
	if err != nil && ctx.Err() == nil {
		r.note("what still moves after the load is not known: %v", err)
	}
	p.Settle(ctx)
	return err == nil
}
