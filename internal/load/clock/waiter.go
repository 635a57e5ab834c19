// Package clock waits for instants, exact to some ten microseconds where the kernel can.
//
// In go the instant to wait for and those that come after it; a [Waiter] returns when it has come.
package clock

import (
	"sync/atomic"
	"time"
)

// Upcoming returns the instants that will be waited for next, by number from 0 on. It returns false
// when there is none, nor any after it.
type Upcoming func(i int) (time.Time, bool)

// Nothing has no upcoming instants.
func Nothing(int) (time.Time, bool) { return time.Time{}, false }

// Waiter waits for instants and never returns early. One goroutine waits; another may stop it for
// good.
type Waiter struct {
	timer   timer
	stopped atomic.Bool
}

// New makes a Waiter; Close releases its timers. A coarse one waits with Go's timer, which a test's
// bubble can fake.
func New(coarse bool) (*Waiter, error) {
	if coarse {
		return &Waiter{timer: newGoTimer()}, nil
	}
	t, err := newTimer()
	return &Waiter{timer: t}, err
}

// Until returns true once t has come, and false, at once, after Stop.
func (w *Waiter) Until(t time.Time, then Upcoming) bool {
	for !w.stopped.Load() {
		if time.Until(t) <= 0 {
			return true
		}
		w.timer.wait(t, then)
	}
	return false
}

// Stop ends a wait under way and all later ones. It may be called more than once.
func (w *Waiter) Stop() {
	if !w.stopped.Swap(true) {
		w.timer.interrupt()
	}
}

// Close releases the timers. It does not end a wait.
func (w *Waiter) Close() error { return w.timer.close() }

// timer waits until it is interrupted. One goroutine waits; another may interrupt it for good.
type timer interface {
	// wait returns at t, or a little earlier or later, or when it was interrupted. It will probably
	// be called for the upcoming instants, one after the other.
	wait(t time.Time, then Upcoming)
	interrupt()
	close() error
}
