package record

import (
	"time"

	"brrtload/internal/facts"
	"brrtload/scenarios"
)

// Stage is a stretch of the load with the edges that its series have.
type Stage struct {
	scenarios.Span
	Start, End     time.Time // of the edge scrapes; zero until they were taken
	NoStart, NoEnd bool      // the edge scrape failed
	left           bool      // its last sample waits for [client.settle]
}

// Window returns the stage as a window; an edge without a scrape is zero.
func (s Stage) Window() facts.Window {
	w := facts.Window{Name: s.Name, Start: s.Start, End: s.End}
	if s.NoStart {
		w.Start = time.Time{}
	}
	if s.NoEnd {
		w.End = time.Time{}
	}
	return w
}

// under reports whether the stage is under way at t.
func (s Stage) under(t time.Time) bool { return !s.Start.IsZero() && s.Start.Before(t) && !s.left }
