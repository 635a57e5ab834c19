package load

import (
	"context"
	"fmt"
	"sync"
	"time"

	"brrtload/internal/load/hit"
	"brrtload/internal/load/http1"
	"brrtload/internal/pace"
	"brrtload/scenarios"
)

// Targets share one load: each hit goes to one of them. Their connections are made when a hit needs
// one and kept from one load to the next: after the first load a target's CPU clock, read before
// and after a load, shows hits and hardly any dialling.
type Targets struct {
	plan     *scenarios.Plan
	attacker attacker
	clients  []client
	workers  int
	coarse   bool
	made     time.Time // what times of results count from
	cut      func()
}

// NewTargets connects to the targets, one for each of the options, which must agree in all but the
// base URL. Close ends the connections.
func NewTargets(p *scenarios.Plan, targets ...Options) (*Targets, error) {
	t := &Targets{plan: p, made: time.Now(), workers: targets[0].Connections, coarse: targets[0].Dial != nil}
	t.cut = sync.OnceFunc(func() {
		for _, c := range t.clients {
			c.Cut()
		}
	})
	var err error
	if t.attacker, err = targets[0].attacker(p, t.since, &http1.WakeUps{}); err != nil {
		return nil, err
	}
	for _, o := range targets {
		if err := t.connect(o); err != nil {
			t.Close()
			return nil, fmt.Errorf("%s: %w", o.BaseURL, err)
		}
	}
	return t, nil
}

// connect adds a target and connects to it.
func (t *Targets) connect(o Options) error {
	target, err := o.target()
	if err != nil {
		return err
	}
	c := t.attacker.add(target)
	t.clients = append(t.clients, c)
	c.Begin()
	return c.Connect()
}

// Close ends the connections.
func (t *Targets) Close() {
	for _, c := range t.clients {
		c.Close()
	}
}

func (t *Targets) since() time.Duration { return time.Since(t.made) }

// Route says where hit n of a load goes: to which of the targets, and as which of the plan's hits.
// It is called by several goroutines.
type Route func(n uint64) (target int, hit uint64)

// Run sends a load of open loop and returns when every hit that was sent is in the ledger of its
// target. Hits are due by the schedule given here, not the plan's. A done ctx cuts what is in
// flight, for good; a closed stop ends the sending.
func (t *Targets) Run(ctx context.Context, hits pace.Schedule, route Route, ledgers []*Ledger,
	stop <-chan struct{},
) error {
	pace, err := newPacer(hits, t.workers, t.coarse)
	if err != nil {
		return err
	}
	defer pace.close() //nolint:errcheck // a timer holds nothing that could be lost
	pace.start = time.Now()
	s := &split{plan: t.plan, hits: hits, route: route, start: pace.start.Sub(t.made), ledgers: ledgers,
		closed: t.plan.Schedule().ClosedFrom()}
	carryOut(ctx, pace, t.attacker, s, t.made, stop, t.cut)
	return context.Cause(ctx)
}

// split is the order of hits that go to several targets.
type split struct {
	plan    *scenarios.Plan
	hits    pace.Schedule
	route   Route
	start   time.Duration // of the load, after the connections were made
	ledgers []*Ledger     // one a target
	closed  uint64        // number of the plan's first hit of a closed loop
}

func (s *split) hit(n uint64) (scenarios.Hit, int) {
	target, number := s.route(n)
	h := s.plan.Hit(number)
	h.Due = s.start + s.hits.At(n)
	s.ledgers[target].Begin()
	return h, target
}

func (s *split) waits(n uint64, noticed time.Duration) {
	target, number := s.route(n)
	_, stage := s.plan.Schedule().Due(number)
	s.ledgers[target].Waits(stage, noticed-s.hits.At(n))
}

func (s *split) done(target int, h scenarios.Hit, r hit.Result) {
	if h.Seq >= s.closed {
		h.Due = r.Sent
	}
	s.ledgers[target].Add(h, r)
}
