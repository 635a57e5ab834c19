package load

import (
	"time"

	"brrtload/internal/pace"
)

// overtime is how long after the last stage's end a backlog is still sent; what is left then is dropped.
const overtime = time.Second

// pacer is vegeta's Pacer for a schedule. It waits inside Pace, where it can be interrupted, and answers that there is nothing left to wait for.
type pacer struct {
	hits   pace.Schedule
	closed uint64 // number of the first hit of a closed loop
	wait   waiter
	start  time.Time // of the load; set before the first Pace
}

// newPacer makes a pacer; close releases its timer. A coarse one waits with Go's timers.
func newPacer(hits pace.Schedule, coarse bool) (*pacer, error) {
	p := &pacer{hits: hits, closed: hits.ClosedFrom()}
	if coarse {
		p.wait.alarm = newSleeper()
		return p, nil
	}
	var err error
	p.wait.alarm, err = newAlarm()
	return p, err
}

func (p *pacer) close() error { return p.wait.alarm.close() }

// Pace returns when hit n is due, or says that the load is over. vegeta calls it from one goroutine.
func (p *pacer) Pace(_ time.Duration, n uint64) (time.Duration, bool) {
	if n >= p.hits.Hits() || p.wait.stopped.Load() {
		return 0, true
	}
	due, now := p.hits.At(n), p.since()
	switch {
	case now < due:
		return 0, !p.wait.until(p.start.Add(due))
	case n >= p.closed:
		return 0, now >= p.hits.Length()
	default:
		return 0, now >= p.hits.Length()+overtime
	}
}

// Rate is for vegeta's progress, which nobody asks for here.
func (p *pacer) Rate(time.Duration) float64 { return p.hits.Peak().PerSecond() }

// since gives the time since the load's start. It may be called by the hits.
func (p *pacer) since() time.Duration { return time.Since(p.start) }
