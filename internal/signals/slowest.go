package signals

import (
	"cmp"
	"encoding/hex"
	"slices"
	"time"
)

// keepSlowest is how many of the slowest traces are kept.
const keepSlowest = 10

// SlowTrace is one of the slowest traces. Spans are in the order in which they began.
type SlowTrace struct {
	ID      string // hexadecimal
	Ours    bool
	Seq     uint64 // of the hit that began it, when it is ours
	Seconds float64
	Spans   []SlowSpan
}

// SlowSpan is a span of a slow trace.
type SlowSpan struct {
	Name    string
	Depth   int     // 0 for the root
	Start   float64 // seconds after the root began
	Seconds float64
	Error   bool
}

// slowest keeps the slowest traces, the fastest of them last.
type slowest struct{ kept []SlowTrace }

func (l *slowest) offer(s *Spans, t *trace, o outline) {
	took := seconds(o.root.start, o.root.end)
	if len(l.kept) == keepSlowest && took <= l.kept[keepSlowest-1].Seconds {
		return
	}
	seq, _, _ := s.sent(t.id)
	kept := SlowTrace{ID: hex.EncodeToString(t.id[:]), Ours: o.ours, Seconds: took}
	if o.ours {
		kept.Seq = seq
	}
	for i := range t.spans {
		one := &t.spans[i]
		kept.Spans = append(kept.Spans, SlowSpan{Name: s.name[one.name], Depth: t.depth(one, o.root),
			Start:   seconds(o.root.start, one.start),
			Seconds: seconds(one.start, one.end), Error: word(statusNames, int32(one.status)) == "error"})
	}
	slices.SortStableFunc(kept.Spans, func(a, b SlowSpan) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Depth, b.Depth)) })
	at, _ := slices.BinarySearchFunc(l.kept, took, func(k SlowTrace, took float64) int { return cmp.Compare(took, k.Seconds) })
	l.kept = slices.Insert(l.kept, at, kept)
	l.kept = l.kept[:min(len(l.kept), keepSlowest)]
}

// depth counts the steps from a span up to the root, at most as many as there are spans.
func (t *trace) depth(one, root *span) int {
	for depth := range t.spans {
		if one.id == root.id {
			return depth
		}
		at := slices.IndexFunc(t.spans, func(other span) bool { return other.id == one.parent })
		if at < 0 {
			return depth + 1
		}
		one = &t.spans[at]
	}
	return len(t.spans)
}

// seconds returns the time from one moment to another, which may lie before it.
func seconds(from, to uint64) float64 { return time.Duration(to - from).Seconds() }

// Slowest returns the slowest traces, the slowest first. Call Settle before.
func (s *Spans) Slowest() []SlowTrace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.slowest.kept)
}
