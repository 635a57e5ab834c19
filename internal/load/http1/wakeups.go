package http1

import (
	"sync"
	"time"
)

// maxDeferral is how long an answer may lie unread, and how soon it must be expected, for the
// wake-up of its connection to be deferred.
const maxDeferral = time.Millisecond

// WakeUps defers the wake-ups of connections that await an answer, so that several answers are read
// at one waking of the process. At some thousand hits a second the process wakes from idle for
// every hit it sends, which is most of what a hit costs; with WakeUps it does not wake for every
// answer too, but reads those of a millisecond together, when it has woken to send. When an answer
// came is known from the kernel. The zero value is ready; it is safe for concurrent use.
type WakeUps struct {
	mu       sync.Mutex
	next     time.Duration // the pacer's next waking, in the load's time; 0 when that is not soon
	due      time.Duration // when the deferred wake-ups are due
	deferred []wakeUp
}

// wakeUp is one that was deferred.
type wakeUp struct {
	after time.Duration // it comes no sooner
	woken chan struct{}
}

// Tick is called by the pacer when it wakes, with when it will wake next. It wakes the connections
// that have waited long enough, and all of them when the next waking is not soon.
func (w *WakeUps) Tick(now, next time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	soon := next > now && next-now <= maxDeferral
	if !soon {
		next = 0
	}
	w.next = next
	if soon && now < w.due {
		return
	}
	kept := w.deferred[:0]
	for _, d := range w.deferred {
		if soon && d.after > now {
			kept = append(kept, d)
		} else {
			d.woken <- struct{}{}
		}
	}
	w.deferred, w.due = kept, now+maxDeferral
}

// soon reports whether the pacer wakes within maxDeferral.
func (w *WakeUps) soon() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next > 0
}

// await returns at a tick after a time, or at once when no tick comes soon. The channel is the
// caller's own, with room for one.
func (w *WakeUps) await(woken chan struct{}, after time.Duration) {
	w.mu.Lock()
	if w.next == 0 {
		w.mu.Unlock()
		return
	}
	if due := after + maxDeferral; len(w.deferred) == 0 || due < w.due {
		w.due = due
	}
	w.deferred = append(w.deferred, wakeUp{after, woken})
	w.mu.Unlock()
	<-woken
}
