package load

import (
	"sync"
	"time"
)

// patience is how long an answer may lie unread, and how soon it must be expected, for its worker to wait for the bell.
const patience = time.Millisecond

// bell lets workers wait for each other's answers, and not each for its own. At some thousand hits a second a process wakes from idle for every
// hit, which is most of what a hit costs; with a bell it does not wake for every answer too, but reads those of a millisecond together, at one of
// the wakings to send. When an answer came is known from the kernel. It is safe for concurrent use.
type bell struct {
	mu      sync.Mutex
	next    time.Duration // when the pacer rings, in the load's time; 0 when that is not soon
	due     time.Duration // when those are to be woken who wait
	waiting []listener
}

// listener is woken by no ring before its time.
type listener struct {
	after time.Duration
	woken chan struct{}
}

// ring is called by the pacer when it wakes, with when it will wake next. It wakes the workers when they have waited long enough, and all of them when the
// next ring is not soon.
func (b *bell) ring(now, next time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	soon := next > now && next-now <= patience
	if !soon {
		next = 0
	}
	b.next = next
	if soon && now < b.due {
		return
	}
	kept := b.waiting[:0]
	for _, l := range b.waiting {
		if soon && l.after > now {
			kept = append(kept, l)
		} else {
			l.woken <- struct{}{}
		}
	}
	b.waiting, b.due = kept, now+patience
}

// soon tells whether it will ring within the patience.
func (b *bell) soon() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next > 0
}

// await returns at a ring after a time, or at once when it does not ring soon. The channel is the caller's own, with room for one.
func (b *bell) await(woken chan struct{}, after time.Duration) {
	b.mu.Lock()
	if b.next == 0 {
		b.mu.Unlock()
		return
	}
	if due := after + patience; len(b.waiting) == 0 || due < b.due {
		b.due = due
	}
	b.waiting = append(b.waiting, listener{after, woken})
	b.mu.Unlock()
	<-woken
}
