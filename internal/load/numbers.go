package load

import "sync"

// Numbers is the record of which hits are done, as the numbers of a whole plan: it proves that none
// is missing or was sent twice. Its memory grows with the hits that overtake each other, not with
// their number. The zero value is of a whole plan; it is safe for concurrent use.
type Numbers struct {
	mu     sync.Mutex
	index  uint64 // the hits are those with this remainder
	of     uint64 // when divided by this; 0 is 1
	ranges []Range
	twice  uint64
	alien  uint64
}

// Range is some hits of a shard: from its hit From on, up to and without its hit To.
type Range struct{ From, To uint64 }

// add records a hit by its number in the whole plan.
func (s *Numbers) add(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := seq
	if s.of > 1 {
		if seq%s.of != s.index {
			s.alien++
			return
		}
		n = seq / s.of
	}
	at := len(s.ranges)
	for at > 0 && s.ranges[at-1].From > n { // hits are done nearly in their order
		at--
	}
	before, after := at > 0 && s.ranges[at-1].To >= n, at < len(s.ranges) && s.ranges[at].From == n+1
	switch {
	case before && s.ranges[at-1].To > n:
		s.twice++
	case before && after:
		s.ranges[at-1].To = s.ranges[at].To
		s.ranges = append(s.ranges[:at], s.ranges[at+1:]...)
	case before:
		s.ranges[at-1].To = n + 1
	case after:
		s.ranges[at].From = n
	default:
		s.ranges = append(s.ranges, Range{})
		copy(s.ranges[at+1:], s.ranges[at:])
		s.ranges[at] = Range{n, n + 1}
	}
}

// Done returns the hits of the shard that are done, in order, and how many were entered twice or
// belong to another shard.
func (s *Numbers) Done() (ranges []Range, twice, alien uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Range(nil), s.ranges...), s.twice, s.alien
}
