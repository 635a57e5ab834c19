package load

import (
	"net/http"
	"strconv"
	"time"

	"brrtload/scenarios"
)

// carrier sends hits, each once and as written, and tells what came of it. It is safe for concurrent use by its workers.
type carrier interface {
	// connect makes connections before the load begins; it is an error when the target cannot be reached.
	connect() error
	// begin is called once the load's start is known.
	begin()
	// carry sends a hit that has a message, for the worker of that number.
	carry(worker int, h scenarios.Hit) Result
	// cut ends what is in flight, and every hit after, at once.
	cut()
	close()
}

// shifts is vegeta's http.RoundTripper. What vegeta takes for a hit is a worker's shift, in which it sends as many hits as the roster hands it:
// what vegeta does for each hit of its own costs as much CPU time again as sending one. The request that vegeta made never leaves the process.
type shifts struct {
	roster *roster
	send   func(worker int, t turn)
}

// RoundTrip is the shift of the worker whose number vegeta put into the request.
func (s *shifts) RoundTrip(r *http.Request) (*http.Response, error) {
	worker, err := strconv.Atoi(r.Header["X-Vegeta-Seq"][0])
	if err != nil {
		return nil, err
	}
	mine := make(chan turn, 1)
	for t, more := s.roster.begin(mine); more; t, more = s.roster.await(mine) {
		s.send(worker, t)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// transport sends a plan's hits to one target and enters them in its ledger.
type transport struct {
	plan    *scenarios.Plan
	ledger  *Ledger
	carrier carrier
	since   func() time.Duration // the load's start
	// recorder keeps every result, if there is one.
	recorder *Recorder
	closed   uint64 // number of the first hit of a closed loop
}

func newTransport(p *scenarios.Plan, l *Ledger, c carrier, since func() time.Duration) *transport {
	return &transport{plan: p, ledger: l, carrier: c, since: since, closed: p.Schedule().ClosedFrom()}
}

func (t *transport) send(worker int, of turn) { t.deliver(worker, t.plan.Hit(of.n), of.waited) }

// waits enters that hit n has come due while every worker was busy.
func (t *transport) waits(n uint64, noticed time.Duration) {
	due, stage := t.plan.Schedule().Due(n)
	t.ledger.Waits(stage, noticed-due)
}

// deliver sends one hit and enters it in the ledger.
func (t *transport) deliver(worker int, h scenarios.Hit, waited bool) {
	t.ledger.Begin()
	result := t.carry(worker, h)
	result.Waited = waited
	if h.Seq >= t.closed {
		h.Due = result.Sent // a closed loop owes its hits at no time of their own
	}
	t.ledger.Add(h, result)
	if t.recorder != nil {
		t.recorder.add(h, result)
	}
}

func (t *transport) carry(worker int, h scenarios.Hit) Result {
	if h.Err != nil {
		now := t.since()
		return Result{Sent: now, Done: now, Outcome: NeverReached, Kind: NoMessage, Err: h.Err}
	}
	return t.carrier.carry(worker, h)
}
