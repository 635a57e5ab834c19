package signals

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"

	"brrtload/internal/facts"
)

// A trace of which nothing more is expected is reduced to its shape: which spans there were under
// its root, and whether they hang together.

// maxTraceShapes bounds the shapes kept.
const maxTraceShapes = 2000

type shapes struct {
	seen    map[string]*traceShape
	key     []byte
	dropped uint64 // traces of shapes beyond the bound
	below   []under
}

// under is a kind of span below the root, with how often it is there.
type under struct {
	name  uint32
	child bool // of the root itself
	n     int
}

type traceShape struct {
	first  time.Time
	fields map[string]string
	n      uint64
}

// outline is what the spans of a trace come to.
type outline struct {
	roots, orphans, twins int
	root                  *span
	astray                bool // the root is not a child of the span that was sent
	ours                  bool
}

// settle counts a trace by its shape.
func (s *Spans) settle(t *trace) {
	o := s.outline(t)
	s.below(t, o)
	shape := s.shape(t, o)
	if shape == nil {
		return
	}
	shape.n++
	if o.root != nil && o.roots == 1 {
		s.slowest.offer(s, t, o)
	}
}

// outline finds the root: a span whose parent is not in the trace, and is none, or was sent by us,
// or is another caller's whom the span served. Other spans without their parent are orphans.
func (s *Spans) outline(t *trace) outline {
	var o outline
	_, sent, ours := s.sent(t.id)
	o.ours = ours
	for i := range t.spans {
		one := &t.spans[i]
		if slices.ContainsFunc(t.spans[:i], func(other span) bool { return other.id == one.id }) {
			o.twins++
			continue
		}
		if one.parent != ([8]byte{}) && one.parent != one.id && slices.ContainsFunc(t.spans, func(other span) bool { return other.id == one.parent }) {
			continue
		}
		entry := word(kindNames, int32(one.kind))
		if one.parent != ([8]byte{}) && one.parent != sent && entry != "server" && entry != "consumer" {
			o.orphans++
			continue
		}
		o.roots++
		if o.root == nil {
			o.root, o.astray = one, ours && one.parent != sent
		}
	}
	return o
}

// below lists the spans below the root by name and whether they are its children.
func (s *Spans) below(t *trace, o outline) {
	s.shapes.below = s.shapes.below[:0]
	for i := range t.spans {
		one := &t.spans[i]
		if o.root == nil || one.id == o.root.id {
			continue
		}
		child := one.parent == o.root.id
		at := slices.IndexFunc(s.shapes.below, func(u under) bool { return u.name == one.name && u.child == child })
		if at < 0 {
			s.shapes.below = append(s.shapes.below, under{name: one.name, child: child})
			at = len(s.shapes.below) - 1
		}
		s.shapes.below[at].n++
	}
	slices.SortFunc(s.shapes.below, func(a, b under) int { return cmp.Or(cmp.Compare(a.name, b.name), -compareBool(a.child, b.child)) })
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// shape returns the shape of the trace whose spans were listed, nil when there are too many.
func (s *Spans) shape(t *trace, o outline) *traceShape {
	key := s.shapes.key[:0]
	for _, n := range []int{o.roots, o.orphans, o.twins, flag(o.astray), flag(o.ours)} {
		key = binary.AppendUvarint(key, uint64(n))
	}
	if o.root != nil {
		key = append(key, o.root.kind)
	}
	for _, value := range t.attributes {
		key = append(binary.AppendUvarint(key, uint64(len(value))), value...)
	}
	for _, u := range s.shapes.below {
		key = binary.AppendUvarint(binary.AppendUvarint(key, uint64(u.name)<<1|uint64(flag(u.child))), uint64(u.n))
	}
	s.shapes.key = key
	known := s.shapes.seen[string(key)]
	if known != nil {
		return known
	}
	if len(s.shapes.seen) >= maxTraceShapes {
		s.shapes.dropped++
		return nil
	}
	if s.shapes.seen == nil {
		s.shapes.seen = map[string]*traceShape{}
	}
	known = &traceShape{first: time.Now(), fields: s.fields(t, o)}
	s.shapes.seen[string(key)] = known
	return known
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fields writes a shape down for package assertions.
func (s *Spans) fields(t *trace, o outline) map[string]string {
	out := map[string]string{facts.TraceRoots: strconv.Itoa(o.roots)}
	for field, n := range map[string]int{facts.TraceOrphans: o.orphans, facts.TraceTwins: o.twins} {
		if n > 0 {
			out[field] = strconv.Itoa(n)
		}
	}
	if o.ours && o.root != nil {
		out[facts.TraceJoined] = strconv.FormatBool(!o.astray)
	}
	if o.root != nil {
		out[facts.TraceRoot] = word(kindNames, int32(o.root.kind))
	}
	for i, value := range t.attributes {
		if value != "" {
			out[facts.TraceAttribute+s.attributes[i]] = value
		}
	}
	for _, u := range s.shapes.below {
		field := facts.TraceDeeper
		if u.child {
			field = facts.TraceChild
		}
		out[field+s.name[u.name]] = strconv.Itoa(u.n)
	}
	return out
}

// Events returns an event for every shape of traces that was seen, with how many had it. Call
// Settle before.
func (s *Spans) Events() []facts.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []facts.Event
	for _, key := range slices.Sorted(maps.Keys(s.shapes.seen)) {
		shape := s.shapes.seen[key]
		out = append(out, facts.Event{Time: shape.first, Source: facts.FromTrace, Fields: shape.fields,
			Count: shape.n})
	}
	return out
}
