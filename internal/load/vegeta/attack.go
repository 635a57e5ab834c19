// Package vegeta is the engine by vegeta's Attacker: for HTTP/2, h2c, proxies, and by choice. It
// makes 85 allocations for a hit.
//
// In goes a [Load]; every hit of it is one of an attack's hits, and what came of it is read from
// vegeta's Result. vegeta owns the workers and measures; package load says when each hit is due,
// and keeps the ledger. net/http's transport carries the hits.
//
// vegeta is used around what it does in its own way:
//   - An Attacker attacks once, so each load has its own.
//   - Its pacing blocks when every worker is busy, and when hits were due is lost. Here [Load.Next]
//     returns a hit only when a worker is free for it, and what was due meanwhile is known.
//   - Its Stop waits out a sleep. Here the pacer never asks for one, and ends the attack itself.
//   - Its number of a hit, Seq, is drawn by the worker, not by the pacer or the Targeter. Hit, request
//     and result are joined by Seq and nothing else.
//   - Its time of a hit includes the making of the request. Here that is made before.
//   - It marks requests with X-Vegeta-Seq, keeps bodies in memory, counts only what it keeps, and reports
//     no status of an answer that was cut. Its own request never leaves the process; a few bytes of each
//     body are kept; what its Result leaves out is noted by Seq.
package vegeta

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	lib "github.com/tsenart/vegeta/v12/lib"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// Load is what an attack sends. Next, Hit and Done must be set.
type Load struct {
	Workers int
	Clients []*Client // one a target; with none every hit is answered at once
	Start   time.Time // what the times of results count from
	// Next waits for the next hit, 0 first, and returns it when it is due and a worker is free for
	// it. waited says that every worker was busy when it came due; more is false when there is no
	// other.
	Next func() (n uint64, waited, more bool)
	// Hit returns what hit n is, and the number of its target.
	Hit func(n uint64) (h scenarios.Hit, target int)
	// Done takes what came of a hit; a worker is free again. Calls do not overlap.
	Done func(target int, h scenarios.Hit, r hit.Result)
}

// kept is how many bytes of a body vegeta keeps.
const kept = 64 << 10

// Attack has vegeta send the load, and returns when every hit is done.
func Attack(l Load) {
	a := &attack{Load: l, flights: map[uint64]*flight{}}
	workers := uint64(l.Workers)
	attacker := lib.NewAttacker(lib.Client(&http.Client{Transport: a}),
		lib.Workers(workers), lib.MaxWorkers(workers), lib.MaxBody(kept))
	for result := range attacker.Attack(target, a, 0, "") {
		f := a.land(result.Seq)
		a.Done(f.target, f.hit, f.result(result, a.Start))
	}
}

// target is vegeta's Targeter. It knows nothing of any hit: a Targeter does not see the hit's
// number.
func target(t *lib.Target) error {
	t.Method, t.URL = http.MethodGet, "http://h"
	return nil
}

// attack is vegeta's Pacer and the transport of its client.
type attack struct {
	Load
	mu      sync.Mutex
	flights map[uint64]*flight // handed out and not done, by number
}

// Pace implements lib.Pacer: it waits for the next hit and prepares it. vegeta calls it from one
// goroutine, and then gives some worker a number that was prepared.
func (a *attack) Pace(time.Duration, uint64) (time.Duration, bool) {
	n, waited, more := a.Next()
	if !more {
		return 0, true
	}
	f := &flight{waited: waited}
	f.hit, f.target = a.Hit(n)
	f.err = f.hit.Err
	if len(a.Clients) > 0 && f.err == nil {
		f.to = a.Clients[f.target]
		f.request = f.to.request(f.hit)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.flights[n] = f
	return 0, false
}

// Rate implements lib.Pacer. It is for the progress of vegeta's own command.
func (a *attack) Rate(time.Duration) float64 { return 0 }

func (a *attack) flight(n uint64) *flight {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.flights[n]
}

// land returns the flight of a hit that is done, and forgets it.
func (a *attack) land(n uint64) *flight {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.flights[n]
	delete(a.flights, n)
	return f
}

// RoundTrip implements http.RoundTripper: it sends the hit of the request's number.
func (a *attack) RoundTrip(r *http.Request) (*http.Response, error) {
	n, err := strconv.ParseUint(r.Header.Get("X-Vegeta-Seq"), 10, 64)
	if err != nil {
		return nil, err
	}
	f := a.flight(n)
	switch {
	case f.err != nil:
		return nil, f.err
	case f.to == nil:
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}
	r.ContentLength = f.bytesOut() // vegeta takes the bytes sent from here
	response, err := f.to.send(f)
	if err != nil {
		f.err = err
		return nil, err
	}
	f.location = response.Header["Location"]
	delete(response.Header, "Location") // the client neither follows a redirect nor looks where it leads
	return response, nil
}
