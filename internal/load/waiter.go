package load

import (
	"sync/atomic"
	"time"
)

// alarm rings once, some time after it was set. One goroutine sets and waits; another may silence it for good.
type alarm interface {
	// wait returns after d, or a little earlier or later, or when it was silenced.
	wait(d time.Duration)
	silence()
	close() error
}

// waiter waits for instants by an alarm, never returning early.
type waiter struct {
	alarm   alarm
	stopped atomic.Bool
}

// until returns true once t has come, and false, at once, after stop.
func (w *waiter) until(t time.Time) bool {
	for !w.stopped.Load() {
		left := time.Until(t)
		if left <= 0 {
			return true
		}
		w.alarm.wait(left)
	}
	return false
}

// stop ends a wait under way and all later ones.
func (w *waiter) stop() {
	if !w.stopped.Swap(true) {
		w.alarm.silence()
	}
}

// sleeper is an alarm by a Go timer, which on an otherwise idle Linux is up to a millisecond late.
type sleeper struct {
	timer    *time.Timer
	silenced chan struct{}
}

func newSleeper() *sleeper {
	s := &sleeper{timer: time.NewTimer(time.Hour), silenced: make(chan struct{})}
	s.timer.Stop()
	return s
}

func (s *sleeper) wait(d time.Duration) {
	s.timer.Reset(d)
	select {
	case <-s.timer.C:
	case <-s.silenced:
		s.timer.Stop()
	}
}

func (s *sleeper) silence() { close(s.silenced) }

func (s *sleeper) close() error { return nil }
