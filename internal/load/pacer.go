package load

import (
	"sync/atomic"
	"time"

	"brrtload/internal/pace"
)

// overtime is how long after the last stage's end a backlog is still sent; what is left then is dropped.
const overtime = time.Second

// pacer is vegeta's Pacer for a schedule. It waits inside Pace, where it can be interrupted, and answers that there is nothing left to wait for.
type pacer struct {
	hits    pace.Schedule
	wait    waiter
	start   time.Time // of the load; set before the first Pace
	stopped atomic.Bool
}

// newPacer makes a pacer; close releases its timer. Coarse ones wait with Go's timers.
func newPacer(hits pace.Schedule, coarse bool) (*pacer, error) {
	return &pacer{hits: hits, wait: newSleeper()}, nil
}

func (p *pacer) close() { p.wait.close() }

// Pace returns when hit n is due, or says that the load is over. vegeta calls it from one goroutine.
func (p *pacer) Pace(_ time.Duration, n uint64) (time.Duration, bool) {
	if n >= p.hits.Hits() {
		return 0, true
	}
	due, now := p.hits.At(n), p.since()
	switch {
	case p.stopped.Load():
		return 0, true
	case now < due:
		return 0, !p.wait.until(p.start.Add(due))
	default:
		return 0, now > p.hits.Length()+overtime
	}
}

// Rate is for vegeta's progress, which nobody asks for here.
func (p *pacer) Rate(time.Duration) float64 { return p.hits.Peak().PerSecond() }

// since gives the time since the load's start. It may be called by the hits.
func (p *pacer) since() time.Duration { return time.Since(p.start) }

// stop makes Pace end the load now. It is called once.
func (p *pacer) stop() {
	p.stopped.Store(true)
	p.wait.interrupt()
}
