package load

import (
	"sync"
	"time"

	"brrtload/internal/load/hit"
)

// Steps collects how long the steps of hits took. The zero value is ready; it is safe for
// concurrent use.
type Steps struct {
	mu         sync.Mutex
	histograms map[hit.Step]*Histogram
}

// Update hands over what came into each step's histogram since the last call. The changes are the
// callee's until it returns. Steps have one reader.
func (s *Steps) Update(take func(hit.Step, []Change)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []Change
	for step, h := range s.histograms {
		changes = h.fresh.take(changes[:0])
		take(step, changes)
	}
}

// Snapshot returns copies of what was collected, by step.
func (s *Steps) Snapshot() map[hit.Step]*Histogram {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := map[hit.Step]*Histogram{}
	for step, h := range s.histograms {
		copies[step] = h.clone()
	}
	return copies
}

func (s *Steps) record(step hit.Step, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.histograms == nil {
		s.histograms = map[hit.Step]*Histogram{}
	}
	h := s.histograms[step]
	if h == nil {
		h = newTracked()
		s.histograms[step] = h
	}
	h.Record(d)
}
