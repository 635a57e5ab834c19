package clock

import "time"

// goTimer waits with a timer of Go's, which on an otherwise idle Linux is up to a millisecond late.
type goTimer struct {
	timer       *time.Timer
	interrupted chan struct{}
}

func newGoTimer() *goTimer {
	t := &goTimer{timer: time.NewTimer(time.Hour), interrupted: make(chan struct{})}
	t.timer.Stop()
	return t
}

func (g *goTimer) wait(t time.Time, _ Upcoming) {
	g.timer.Reset(time.Until(t))
	select {
	case <-g.timer.C:
	case <-g.interrupted:
		g.timer.Stop()
	}
}

func (g *goTimer) interrupt() { close(g.interrupted) }

func (g *goTimer) close() error { return nil }
