package load

import (
	"time"

	"brrtload/internal/pace"
)

// overtime is how long after the last stage's end a backlog is still sent; what is left then is dropped.
const overtime = time.Second

// pacer is vegeta's Pacer for a schedule. It starts the workers, each by one of vegeta's hits, and then lets the roster know of every hit
// that comes due. All of it happens inside Pace, where waiting can be interrupted.
type pacer struct {
	hits    pace.Schedule
	workers uint64
	roster  *roster
	wait    waiter
	start   time.Time // of the load; set before the first Pace
}

// newPacer makes a pacer; close releases its timer. A coarse one waits with Go's timers.
func newPacer(hits pace.Schedule, workers int, coarse bool) (*pacer, error) {
	p := &pacer{hits: hits, workers: uint64(workers)}
	p.roster = &roster{closed: hits.ClosedFrom(), hits: hits.Hits(), spent: p.wait.stop}
	p.roster.absent.Add(workers)
	if coarse {
		p.wait.alarm = newSleeper()
		return p, nil
	}
	var err error
	p.wait.alarm, err = newAlarm()
	return p, err
}

func (p *pacer) close() error { return p.wait.alarm.close() }

// Pace lets vegeta start the workers, and returns from the call after that when the load is over. vegeta calls it from one goroutine.
func (p *pacer) Pace(_ time.Duration, started uint64) (time.Duration, bool) {
	if started < p.workers {
		return 0, false
	}
	p.run()
	return 0, true
}

// run tells the roster of every hit when it is due. It returns when no more are to be sent.
func (p *pacer) run() {
	p.roster.absent.Wait() // a worker that has not come yet is not busy
	defer p.roster.close()
	open := min(p.hits.Hits(), p.roster.closed)
	for n := uint64(0); n < open; {
		due := p.hits.At(n)
		if !p.until(due) {
			return
		}
		now := p.since()
		for n++; n < open && p.hits.At(n) <= now; n++ {
		}
		p.roster.release(n, now)
	}
	end := p.hits.Length() + overtime
	if open < p.hits.Hits() {
		if !p.until(p.hits.At(open)) {
			return
		}
		p.roster.release(p.hits.Hits(), 0)
		end = p.hits.Length()
	}
	p.until(end)
}

// until waits for a time after the load's start; it returns false, at once, when nothing more is to be sent.
func (p *pacer) until(d time.Duration) bool { return p.wait.until(p.start.Add(d)) }

// Rate is for vegeta's progress, which nobody asks for here.
func (p *pacer) Rate(time.Duration) float64 { return p.hits.Peak().PerSecond() }

// since gives the time since the load's start. It may be called by the hits.
func (p *pacer) since() time.Duration { return time.Since(p.start) }
