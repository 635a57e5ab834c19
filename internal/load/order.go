package load

import (
	"time"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// order is what the hits of a load are, and where what came of them is entered. It is safe for
// concurrent use.
type order interface {
	// hit returns what is sent as hit n, and to which of the engine's targets. The hit is in flight
	// from then on.
	hit(n uint64) (h scenarios.Hit, target int)
	// waits enters that hit n has come due while every worker was busy.
	waits(n uint64, noticed time.Duration)
	// done enters what came of a hit.
	done(target int, h scenarios.Hit, r hit.Result)
}

// whole is the order of a plan's hits to one target.
type whole struct {
	plan   *scenarios.Plan
	ledger *Ledger
	// recorder keeps every result, if there is one.
	recorder *Recorder
	closed   uint64 // number of the first hit of a closed loop
}

func newWhole(p *scenarios.Plan, l *Ledger, recorder *Recorder) *whole {
	return &whole{p, l, recorder, p.Schedule().ClosedFrom()}
}

func (w *whole) hit(n uint64) (scenarios.Hit, int) {
	h := w.plan.Hit(n)
	w.ledger.Begin()
	return h, 0
}

func (w *whole) waits(n uint64, noticed time.Duration) {
	due, stage := w.plan.Schedule().Due(n)
	w.ledger.Waits(stage, noticed-due)
}

func (w *whole) done(_ int, h scenarios.Hit, r hit.Result) {
	if h.Seq >= w.closed {
		h.Due = r.Sent // the hits of a closed loop have no due time
	}
	w.ledger.Add(h, r)
	if w.recorder != nil {
		w.recorder.add(h, r)
	}
}
