package load

import (
	"fmt"
	"time"

	"brrtload/internal/load/dial"
	"brrtload/internal/load/hit"
	"brrtload/internal/load/http1"
	"brrtload/internal/load/vegeta"
	"brrtload/scenarios"
)

// Engine names a way of sending hits.
type Engine string

// The engines. Both send the same plan and keep the same ledger. They follow no redirect,
// decompress nothing, and send no hit again.
const (
	FastHTTP Engine = "fasthttp" // our own, for HTTP/1.1; see package http1
	Vegeta   Engine = "vegeta"   // vegeta's Attacker, for HTTP/1.1 and 2, and proxies; see package vegeta
)

// attacker is an engine at work. It sends each hit once and as written. With no client it sends
// nothing, and takes as long as that.
type attacker interface {
	// add makes a client of one more target.
	add(dial.Target) client
	// attack sends what the dispatcher hands out, and returns when all of it is done. Times of
	// results count from start.
	attack(d *dispatcher, o order, start time.Time)
}

// client sends hits to one target. It is safe for concurrent use.
type client interface {
	// Connect makes a first connection. It fails when the target cannot be reached.
	Connect() error
	// Begin is called once the load's start is known.
	Begin()
	// Cut ends what is in flight, and every hit after, at once.
	Cut()
	// Close ends the connections.
	Close()
}

// attacker returns the engine that the options ask for, or the one that fits them. Its times count
// as since does; its connections may defer their wake-ups.
func (o Options) attacker(p *scenarios.Plan, since func() time.Duration, w *http1.WakeUps) (attacker, error) {
	beyond := o.HTTP2 || o.H2C || o.Proxy != nil
	switch {
	case o.Engine == FastHTTP && beyond:
		return nil, fmt.Errorf("%s supports neither HTTP/2 nor proxies; use %s", FastHTTP, Vegeta)
	case o.Engine == Vegeta, o.Engine == "" && beyond:
		return &vegetaAttacker{since: since}, nil
	case o.Engine == FastHTTP, o.Engine == "":
		return &ownAttacker{plan: p, since: since, wakeUps: w}, nil
	default:
		return nil, fmt.Errorf("unknown client %q: want %s or %s", o.Engine, FastHTTP, Vegeta)
	}
}

// ownAttacker is the engine of package http1. Its workers are plain goroutines.
type ownAttacker struct {
	plan    *scenarios.Plan
	since   func() time.Duration
	wakeUps *http1.WakeUps
	clients []*http1.Client
}

func (a *ownAttacker) add(t dial.Target) client {
	c := http1.New(t, a.plan, a.since, a.wakeUps)
	a.clients = append(a.clients, c)
	return c
}

func (a *ownAttacker) attack(d *dispatcher, o order, _ time.Time) {
	d.work(func(worker int, t task) { a.send(worker, t, o) })
}

func (a *ownAttacker) send(worker int, t task, o order) {
	h, target := o.hit(t.n)
	var r hit.Result
	switch {
	case h.Err != nil:
		now := a.since()
		r = hit.Result{Sent: now, Done: now, Outcome: hit.NeverReached, Kind: hit.NoMessage, Err: h.Err}
	case len(a.clients) == 0:
		now := a.since()
		r = hit.Result{Sent: now, Done: now}
	default:
		r = a.clients[target].Send(worker, h)
	}
	r.Waited = t.waited
	o.done(target, h, r)
}

// vegetaAttacker is the engine of package vegeta, which owns the workers.
type vegetaAttacker struct {
	since   func() time.Duration
	clients []*vegeta.Client
}

func (a *vegetaAttacker) add(t dial.Target) client {
	c := vegeta.New(t, a.since)
	a.clients = append(a.clients, c)
	return c
}

func (a *vegetaAttacker) attack(d *dispatcher, o order, start time.Time) {
	tasks := make(chan task, d.workers) // of all workers: which of them gets a hit is vegeta's choice
	for range d.workers {
		d.enlist(tasks)
	}
	vegeta.Attack(vegeta.Load{
		Workers: d.workers, Clients: a.clients, Start: start, Hit: o.hit,
		Next: func() (n uint64, waited, more bool) {
			t := <-tasks
			return t.n, t.waited, !t.end
		},
		Done: func(target int, h scenarios.Hit, r hit.Result) {
			o.done(target, h, r)
			d.free(tasks)
		},
	})
}
