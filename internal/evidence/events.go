package evidence

import (
	"iter"
	"slices"

	"brrtload/internal/facts"
)

// MaxEvents bounds the events kept of a run.
const MaxEvents = 100_000

// journal is the log events and spans of a run, in the order in which they came.
type journal struct {
	Kept    []facts.Event `json:"kept,omitempty"`
	Dropped uint64        `json:"dropped,omitempty"`
}

// Note keeps an event. Beyond [MaxEvents] it only counts: see [Store.EventsDropped].
func (s *Store) Note(e facts.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.events.Kept) == MaxEvents {
		s.events.Dropped++
		return
	}
	s.events.Kept = append(s.events.Kept, e)
}

// EventsDropped returns how many events were not kept.
func (s *Store) EventsDropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.events.Dropped
}

// Events implements assertions.Evidence. Both edges belong to the window.
func (s *Store) Events(w facts.Window) iter.Seq[facts.Event] {
	s.mu.Lock()
	defer s.mu.Unlock()
	var inside []facts.Event
	for _, e := range s.events.Kept {
		if !e.Time.Before(w.Start) && !e.Time.After(w.End) {
			inside = append(inside, e)
		}
	}
	slices.SortStableFunc(inside, func(a, b facts.Event) int { return a.Time.Compare(b.Time) })
	return slices.Values(inside)
}
