package load

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"brrtload/scenarios"
)

// carrier sends hits, each once and as written, and tells what came of it. It is safe for concurrent use by as many
// goroutines as there are connections.
type carrier interface {
	// connect makes connections before the load begins; it is an error when the target cannot be reached.
	connect() error
	// begin is called once the load's start is known.
	begin()
	// carry sends a hit that has a message.
	carry(h scenarios.Hit) Result
	// cut ends what is in flight, and every hit after, at once.
	cut()
	close()
}

// transport is vegeta's http.RoundTripper for a plan: it knows by the hit's number what to send. The request that vegeta made never leaves the process.
type transport struct {
	plan    *scenarios.Plan
	ledger  *Ledger
	carrier carrier
	since   func() time.Duration // the load's start
	// recorder keeps every result, if there is one.
	recorder *Recorder
	closed   uint64 // number of the first hit of a closed loop
	// answers are what vegeta gets to see, by status. They have no header, so that no redirect is followed.
	answers [600]*http.Response
}

func newTransport(p *scenarios.Plan, l *Ledger, c carrier, since func() time.Duration) *transport {
	t := &transport{plan: p, ledger: l, carrier: c, since: since, closed: p.Schedule().ClosedFrom()}
	for status := range t.answers {
		t.answers[status] = &http.Response{StatusCode: status, Body: http.NoBody}
	}
	return t
}

var errFailed = errors.New("not answered")

// RoundTrip sends the hit that a request of vegeta's stands for.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	n, err := strconv.ParseUint(r.Header["X-Vegeta-Seq"][0], 10, 64)
	if err != nil {
		return nil, err
	}
	return t.deliver(t.plan.Hit(n))
}

// deliver sends one hit and enters it in the ledger.
func (t *transport) deliver(h scenarios.Hit) (*http.Response, error) {
	t.ledger.Begin()
	result := t.carry(h)
	if h.Seq >= t.closed {
		h.Due = result.Sent // a closed loop owes its hits at no time of their own
	}
	t.ledger.Add(h, result)
	if t.recorder != nil {
		t.recorder.add(h, result)
	}
	if result.Status <= 0 || result.Status >= len(t.answers) {
		return nil, errFailed
	}
	return t.answers[result.Status], nil
}

func (t *transport) carry(h scenarios.Hit) Result {
	if h.Err != nil {
		now := t.since()
		return Result{Sent: now, Done: now, Outcome: NeverReached, Kind: NoMessage, Err: h.Err}
	}
	return t.carrier.carry(h)
}
