package load

import "time"

// waiter waits for an instant. One goroutine waits; another may interrupt it.
type waiter interface {
	// until returns true when t has come, and false at once, from then on, when it was interrupted.
	until(t time.Time) bool
	interrupt()
	close() error
}

// sleeper waits with a Go timer, which on an otherwise idle Linux is up to a millisecond late.
type sleeper struct {
	timer       *time.Timer
	interrupted chan struct{}
}

func newSleeper() *sleeper {
	s := &sleeper{timer: time.NewTimer(0), interrupted: make(chan struct{})}
	s.timer.Stop()
	return s
}

func (s *sleeper) until(t time.Time) bool {
	s.timer.Reset(time.Until(t))
	select {
	case <-s.timer.C:
		return true
	case <-s.interrupted:
		s.timer.Stop()
		return false
	}
}

func (s *sleeper) interrupt() { close(s.interrupted) }

func (s *sleeper) close() error { return nil }
