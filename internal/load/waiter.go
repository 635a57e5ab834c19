package load

import (
	"sync/atomic"
	"time"
)

// alarm rings at an instant. One goroutine waits; another may silence it for good.
type alarm interface {
	// wait returns at t, or a little earlier or later, or when it was silenced. It will probably be called for the instants that then gives, one
	// after the other, until there is none.
	wait(t time.Time, then instants)
	silence()
	close() error
}

// instants gives the instant of a number from 0 on; false when there is none, nor any after it.
type instants func(i int) (time.Time, bool)

// never gives no instants.
func never(int) (time.Time, bool) { return time.Time{}, false }

// waiter waits for instants by an alarm, never returning early.
type waiter struct {
	alarm   alarm
	stopped atomic.Bool
}

// until returns true once t has come, and false, at once, after stop. The instants are what it will be called for next.
func (w *waiter) until(t time.Time, then instants) bool {
	for !w.stopped.Load() {
		if time.Until(t) <= 0 {
			return true
		}
		w.alarm.wait(t, then)
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

func (s *sleeper) wait(t time.Time, _ instants) {
	s.timer.Reset(time.Until(t))
	select {
	case <-s.timer.C:
	case <-s.silenced:
		s.timer.Stop()
	}
}

func (s *sleeper) silence() { close(s.silenced) }

func (s *sleeper) close() error { return nil }
