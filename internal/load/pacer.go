package load

import (
	"runtime"
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
	bell    *bell
	wait    waiter
	start   time.Time // of the load; set before the first Pace
	next    uint64    // number of the first hit of the open loop that has not come due
	open    uint64    // how many the open loop has
}

// newPacer makes a pacer; close releases its timer. A coarse one waits with Go's timers.
func newPacer(hits pace.Schedule, workers int, coarse bool) (*pacer, error) {
	p := &pacer{hits: hits, workers: uint64(workers), bell: &bell{}}
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
	defer p.bell.ring(0, 0)
	p.open = min(p.hits.Hits(), p.roster.closed)
	coming := p.coming
	due := p.hits.At(0)
	for p.next < p.open {
		if !p.wait.until(p.start.Add(due), coming) {
			return
		}
		now := p.since()
		for p.next++; p.next < p.open; p.next++ {
			if due = p.hits.At(p.next); due > now {
				break
			}
		}
		p.ring(now, due)
		p.roster.release(p.next, now)
		runtime.Gosched() // the hit leaves before the next is waited for
	}
	end := p.hits.Length() + overtime
	if p.open < p.hits.Hits() {
		if !p.until(p.hits.At(p.open)) {
			return
		}
		p.roster.release(p.hits.Hits(), 0)
		end = p.hits.Length()
	}
	p.until(end)
}

// ring says when the pacer wakes next, unless connections are running short: then every answer is wanted at once. It comes before the roster's
// release, because the runtime lets that goroutine run first which was woken last: a hit leaves before answers are read.
func (p *pacer) ring(now, next time.Duration) {
	if !p.roster.roomy(int(p.workers) / 2) {
		next = 0
	}
	p.bell.ring(now, next)
}

// until waits for a time after the load's start; it returns false, at once, when nothing more is to be sent.
func (p *pacer) until(d time.Duration) bool { return p.wait.until(p.start.Add(d), never) }

// coming gives when the hits are due that come after the next.
func (p *pacer) coming(i int) (time.Time, bool) {
	n := p.next + 1 + uint64(i)
	if n >= p.open {
		return time.Time{}, false
	}
	return p.start.Add(p.hits.At(n)), true
}

// Rate is for vegeta's progress, which nobody asks for here.
func (p *pacer) Rate(time.Duration) float64 { return p.hits.Peak().PerSecond() }

// since gives the time since the load's start. It may be called by the hits.
func (p *pacer) since() time.Duration { return time.Since(p.start) }
