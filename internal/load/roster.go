package load

import (
	"sync"
	"time"
)

// roster hands hits to workers: in their order, each when it has come due or, when every worker is busy then, as soon as one is free.
// The pacer tells it what has come due, and never waits for a worker; so it is known of every hit whose doing its lateness is: the
// generator's, which noticed late or was slow to send, or the target's, which kept every connection busy.
type roster struct {
	closed uint64 // number of the first hit of a closed loop
	hits   uint64 // how many there are
	// waits is told of a hit that has come due while every worker was busy, and when that was noticed.
	waits func(n uint64, noticed time.Duration)
	spent func() // called, perhaps more than once, when the last hit has been handed out

	absent sync.WaitGroup // workers that have not come to work yet

	mu   sync.Mutex
	due  uint64 // number of the first hit that has not come due
	next uint64 // number of the next hit to be handed out; not above due
	over bool   // nothing is handed out any more
	idle []chan turn
}

// turn is a hit handed to a worker.
type turn struct {
	n      uint64
	waited bool // every worker was busy when it came due
}

// await gives a worker its next hit, and false when there are no more. The channel is the worker's own, with room for one turn.
func (r *roster) await(mine chan turn) (turn, bool) {
	r.mu.Lock()
	if r.over {
		r.mu.Unlock()
		return turn{}, false
	}
	if r.next < r.due {
		t := turn{r.next, r.next < r.closed}
		r.advance()
		r.mu.Unlock()
		return t, true
	}
	r.idle = append(r.idle, mine)
	r.mu.Unlock()
	t, ok := <-mine
	return t, ok
}

// begin lets a worker come to work: it is idle from now on, and awaits its first hit.
func (r *roster) begin(mine chan turn) (turn, bool) {
	r.mu.Lock()
	if r.over {
		close(mine)
	} else {
		r.idle = append(r.idle, mine)
	}
	r.mu.Unlock()
	r.absent.Done()
	t, ok := <-mine
	return t, ok
}

// advance needs the lock.
func (r *roster) advance() {
	r.next++
	if r.next == r.hits {
		r.spent()
	}
}

// release says that all hits before n have come due by now. The worker that was idle last is taken first, so that as few connections as
// can be are kept warm.
func (r *roster) release(n uint64, now time.Duration) {
	r.mu.Lock()
	from := r.due
	r.due = n
	for r.next < n && len(r.idle) > 0 {
		last := len(r.idle) - 1
		r.idle[last] <- turn{n: r.next}
		r.idle = r.idle[:last]
		r.advance()
	}
	from = max(from, r.next)
	r.mu.Unlock()
	for ; from < min(n, r.closed); from++ {
		r.waits(from, now)
	}
}

// roomy tells whether at least so many workers are idle.
func (r *roster) roomy(n int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.idle) >= max(n, 1)
}

// close hands out nothing more, and sends the idle workers home.
func (r *roster) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	for _, idle := range r.idle {
		close(idle)
	}
	r.idle = nil
}
