package load

import (
	"slices"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// Snapshot is the ledger at one moment. Rows and Timings are copies.
type Snapshot struct {
	Planned  uint64 // with a closed loop, as many as were sent
	Sent     uint64 // hits begun, those among them that the generator could not send
	Done     uint64
	Unsent   uint64 // hits that the generator could not send, by its own fault
	Wanted   uint64 // hits that were answered with a status that the scenario wants
	InFlight uint64
	// Lag is how late the generator was, the warm-up left out: sent - due, or noticed - due of hits
	// that had to wait.
	Lag *Histogram
	// Waiting is sent - due of hits that had to wait: every connection was busy when they came due.
	Waiting  *Histogram
	Rows     []Row
	Timings  []Timing
	Failures []Failure // the first few of each kind
}

// Dropped returns the planned hits that were not sent. It means something once the load is over.
func (s Snapshot) Dropped() uint64 { return s.Planned - min(s.Sent-s.Unsent, s.Planned) }

// Row counts the hits of one stage, request and credential that came to the same end.
type Row struct {
	Stage      int // index in Plan.Stages
	Request    *scenarios.Request
	Credential string
	Status     int
	Outcome    hit.Outcome
	Kind       hit.Kind
	Traced     bool // sent with a traceparent
	Unexpected bool // not what the scenario wants: an error
	Hits       uint64
	BytesIn    int64
	BytesOut   int64
}

// Timing is how long the hits of one request took in one stage.
type Timing struct {
	Stage   int
	Request *scenarios.Request
	Latency *Histogram // done - due
	Service *Histogram // done - sent
}

// Snapshot copies the ledger's state. Each request is consistent in itself; between two, a hit may
// have come in. It costs some ten microseconds and 400 KB for every request and stage that has
// hits: it is for the end of a run. While the load is sent, [Ledger.Update] costs what has changed.
func (l *Ledger) Snapshot() Snapshot {
	s := l.snapshot(true)
	s.Lag, s.Waiting = l.lag.clone(), l.waiting.clone()
	return s
}

// Counts is a Snapshot without Lag, Waiting and Timings.
func (l *Ledger) Counts() Snapshot { return l.snapshot(false) }

func (l *Ledger) snapshot(timed bool) Snapshot {
	s := Snapshot{Done: l.done.Load(), Wanted: l.Wanted()}
	for _, hits := range l.Unsent() {
		s.Unsent += hits
	}
	for i := range l.cells {
		c := &l.cells[i]
		c.mu.Lock()
		s.Rows = append(s.Rows, c.rows...)
		if timed && c.latency != nil {
			s.Timings = append(s.Timings, Timing{
				Stage: i / len(l.requests), Request: l.requests[i%len(l.requests)],
				Latency: c.latency.clone(), Service: c.service.clone(),
			})
		}
		c.mu.Unlock()
	}
	l.samples.mu.Lock()
	s.Failures = slices.Clone(l.samples.kept)
	l.samples.mu.Unlock()
	s.Planned, s.Sent = l.account()
	s.InFlight = s.Sent - s.Done
	return s
}

// account returns how many hits are planned and how many were begun. A closed loop plans as many as
// can be sent.
func (l *Ledger) account() (planned, sent uint64) {
	planned, sent = l.plan.Hits(), l.begun.Load()
	if l.plan.Schedule().ClosedFrom() < planned {
		planned = sent
	}
	return planned, sent
}
