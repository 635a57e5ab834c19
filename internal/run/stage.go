package run

import (
	"time"

	"brrtload/internal/facts"
	"brrtload/scenarios"
)

// stage is a stretch of the load with the edges that its series have.
type stage struct {
	scenarios.Span
	start, end     time.Time // of the edge scrapes; zero until they were taken
	noStart, noEnd bool      // the edge scrape failed
	left           bool      // its last sample waits for [client.settle]
}

// window returns the stage as a window; an edge without a scrape is zero.
func (s stage) window() facts.Window {
	w := facts.Window{Name: s.Name, Start: s.start, End: s.end}
	if s.noStart {
		w.Start = time.Time{}
	}
	if s.noEnd {
		w.End = time.Time{}
	}
	return w
}

// under reports whether the stage is under way at t.
func (s stage) under(t time.Time) bool { return !s.start.IsZero() && s.start.Before(t) && !s.left }
