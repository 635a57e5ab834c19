package load

import (
	"context"
	"fmt"
	"sync"
	"time"

	"brrtload/internal/pace"
	"brrtload/scenarios"
)

// Targets share one load: each hit goes to one of them. Their connections are made when a hit needs one and kept from one load to the next: after
// the first load a target's CPU clock, read before and after a load, shows hits and hardly any dialling.
type Targets struct {
	plan     *scenarios.Plan
	carriers []carrier
	workers  int
	coarse   bool
	made     time.Time // what times of results count from
	cut      func()
}

// NewTargets connects to the targets, one for each of the options, which must agree in all but the base URL. Close ends the connections.
func NewTargets(p *scenarios.Plan, targets ...Options) (*Targets, error) {
	t := &Targets{plan: p, made: time.Now(), workers: targets[0].Connections, coarse: targets[0].Dial != nil}
	t.cut = sync.OnceFunc(func() {
		for _, c := range t.carriers {
			c.cut()
		}
	})
	for _, o := range targets {
		c, err := o.carrier(p, t.since, &bell{})
		if err == nil {
			c.begin()
			t.carriers = append(t.carriers, c)
			err = c.connect()
		}
		if err != nil {
			t.Close()
			return nil, fmt.Errorf("%s: %w", o.BaseURL, err)
		}
	}
	return t, nil
}

// Close ends the connections.
func (t *Targets) Close() {
	for _, c := range t.carriers {
		c.close()
	}
}

func (t *Targets) since() time.Duration { return time.Since(t.made) }

// Route says where hit n of a load goes: to which of the targets, and as which of the plan's hits. It is called by several goroutines.
type Route func(n uint64) (target int, hit uint64)

// Run sends a load of open loop and returns when every hit that was sent is in the ledger of its target. Hits are due by the schedule given here, not the plan's.
// A done ctx cuts what is in flight, for good; a closed stop ends the sending.
func (t *Targets) Run(ctx context.Context, hits pace.Schedule, route Route, ledgers []*Ledger, stop <-chan struct{}) error {
	pace, err := newPacer(hits, t.workers, t.coarse)
	if err != nil {
		return err
	}
	defer pace.close() //nolint:errcheck // a timer holds nothing that could be lost
	s := &splitter{hits: hits, plan: t.plan, route: route}
	for i, c := range t.carriers {
		s.to = append(s.to, newTransport(t.plan, ledgers[i], c, t.since))
	}
	pace.start = time.Now()
	s.start = pace.start.Sub(t.made)
	attack(ctx, pace, s.send, s.waits, stop, t.cut)
	return context.Cause(ctx)
}

// splitter sends the hits of a load that several targets share.
type splitter struct {
	hits  pace.Schedule
	plan  *scenarios.Plan
	route Route
	start time.Duration // of the load, after the connections were made
	to    []*transport
}

// send sends one hit to its target.
func (s *splitter) send(worker int, of turn) {
	target, hit := s.route(of.n)
	h := s.plan.Hit(hit)
	h.Due = s.start + s.hits.At(of.n)
	s.to[target].deliver(worker, h, of.waited)
}

func (s *splitter) waits(n uint64, noticed time.Duration) {
	target, hit := s.route(n)
	_, stage := s.plan.Schedule().Due(hit)
	s.to[target].ledger.Waits(stage, noticed-s.hits.At(n))
}
