package load

import (
	"runtime"
	"time"

	"brrtload/internal/load/clock"
	"brrtload/internal/load/http1"
	"brrtload/internal/pace"
)

// overtime is how long after the last stage's end a backlog is still sent; what is left then is
// dropped.
const overtime = time.Second

// pacer reports every hit of a schedule to the dispatcher when it has come due.
type pacer struct {
	hits       pace.Schedule
	dispatcher *dispatcher
	wakeUps    *http1.WakeUps
	wait       waiter
	start      time.Time // of the load; set before run
	next       uint64    // number of the first hit of the open loop that has not come due
	open       uint64    // how many the open loop has
}

// waiter is a [clock.Waiter].
type waiter interface {
	Until(t time.Time, then clock.Upcoming) bool
	Stop()
	Close() error
}

// newPacer makes a pacer; close releases its timers. A coarse one waits with Go's timers.
func newPacer(hits pace.Schedule, workers int, coarse bool) (*pacer, error) {
	w, err := clock.New(coarse)
	if err != nil {
		return nil, err
	}
	d := newDispatcher(hits, workers, w.Stop)
	return &pacer{hits: hits, dispatcher: d, wakeUps: &http1.WakeUps{}, wait: w}, nil
}

func (p *pacer) close() error { return p.wait.Close() }

// run reports every hit to the dispatcher when it is due. It returns when no more are to be sent.
func (p *pacer) run() {
	p.dispatcher.absent.Wait() // a worker that is not enlisted yet is not busy
	defer p.dispatcher.close()
	defer p.wakeUps.Tick(0, 0)
	p.open = min(p.hits.Hits(), p.dispatcher.closed)
	upcoming := p.upcoming
	due := p.hits.At(0)
	for p.next < p.open {
		if !p.wait.Until(p.start.Add(due), upcoming) {
			return
		}
		now := p.since()
		for p.next++; p.next < p.open; p.next++ {
			if due = p.hits.At(p.next); due > now {
				break
			}
		}
		p.tick(now, due)
		p.dispatcher.release(p.next, now)
		runtime.Gosched() // the hit leaves before the next is waited for
	}
	end := p.hits.Length() + overtime
	if p.open < p.hits.Hits() {
		if !p.until(p.hits.At(p.open)) {
			return
		}
		p.dispatcher.release(p.hits.Hits(), 0)
		end = p.hits.Length()
	}
	p.until(end)
}

// tick reports when the pacer wakes next, unless connections are running short: then every answer
// is wanted at once. It comes before the dispatcher's release, because the runtime lets that
// goroutine run first which was woken last: a hit leaves before answers are read.
func (p *pacer) tick(now, next time.Duration) {
	if !p.dispatcher.hasIdle(p.dispatcher.workers / 2) {
		next = 0
	}
	p.wakeUps.Tick(now, next)
}

// until waits for a time after the load's start. It returns false, at once, when nothing more is to
// be sent.
func (p *pacer) until(d time.Duration) bool { return p.wait.Until(p.start.Add(d), clock.Nothing) }

// upcoming returns when the hits are due that come after the next.
func (p *pacer) upcoming(i int) (time.Time, bool) {
	n := p.next + 1 + uint64(i)
	if n >= p.open {
		return time.Time{}, false
	}
	return p.start.Add(p.hits.At(n)), true
}

// since returns the time since the load's start. It may be called by the hits.
func (p *pacer) since() time.Duration { return time.Since(p.start) }
