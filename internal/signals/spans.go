package signals

import (
	"fmt"
	"maps"
	"sync"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"brrtload/internal/facts"
)

// Spans counts spans and puts the traces together that they belong to. Its memory does not grow
// with their number: a trace that nothing was added to for [Settled] is reduced to its shape. It is
// safe for concurrent use.
type Spans struct {
	screen     *Screen
	sent       Sent
	labels     []pair // label, attribute
	attributes []string

	mu      sync.Mutex
	table   table
	spans   uint64
	last    time.Time // when the last span came
	lost    map[string]uint64
	names   map[string]uint32
	name    []string
	young   map[[16]byte]*trace // touched since turned
	old     map[[16]byte]*trace // touched in the time before
	held    int                 // spans of the young
	turned  time.Time
	free    []*trace
	shapes  shapes
	slowest slowest
}

// Sent tells of a trace id whether the load began the trace: with which hit, and the span that the
// service's is to be a child of.
type Sent func(id [16]byte) (seq uint64, parent [8]byte, ours bool)

// Settled is how long nothing must have been added to a trace for it to be taken for whole.
const Settled = 2 * time.Second

const (
	maxTraces = 40_000  // put together at once
	maxHeld   = 400_000 // spans of all of them
	maxSpans  = 128     // of one trace that are kept
	maxFree   = 4096    // emptied traces whose memory is used again
	roomy     = 32      // spans that such a one has room for, at most
	maxNames  = 2000    // of spans
)

// The reasons for which spans, or bodies of them, are lost before they can be counted or put
// together.
const (
	Malformed    = "malformed"  // a body, or a span without valid ids
	TooLarge     = "too_large"  // a body
	Busy         = "busy"       // a body that was refused
	TooManySpans = "too_many"   // spans of one trace
	TooEarly     = "pushed_out" // a trace that had to make room before it had settled
	TooManyNames = "too_many_names"
)

// span is what is kept of a span of a trace that is put together.
type span struct {
	id, parent   [8]byte
	name         uint32
	kind, status uint8
	start, end   uint64 // nanoseconds since 1970
}

// trace is what came of a trace so far.
type trace struct {
	id         [16]byte
	spans      []span
	attributes []string // of the span that may be the root
}

// NewSpans counts spans by name, kind and status and by the labels that are wanted, and puts traces
// together. sent may be nil: then no trace is ours.
func NewSpans(wants facts.Wants, sent Sent, screen *Screen) *Spans {
	if sent == nil {
		sent = func([16]byte) (uint64, [8]byte, bool) { return 0, [8]byte{}, false }
	}
	s := &Spans{screen: screen, sent: sent, labels: sorted(wants.SpanLabels), attributes: wants.Attributes,
		lost:  map[string]uint64{},
		names: map[string]uint32{}, young: map[[16]byte]*trace{}, old: map[[16]byte]*trace{}, turned: time.Now()}
	s.table.ensure() // that there were none is known, too
	return s
}

// take takes the spans of a request in, and gives how many it had to refuse.
func (s *Spans) take(request *coltrace.ExportTraceServiceRequest) (refused int64) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.turned) >= Settled {
		s.turn(now)
	}
	for one := range spansOf(request) {
		if !valid(one) {
			refused++
			s.lost[Malformed]++
			continue
		}
		s.last = now
		s.add(one, now)
	}
	return refused
}

// valid reports whether the span has ids.
func valid(one *tracepb.Span) bool {
	return len(one.TraceId) == 16 && len(one.SpanId) == 8 &&
		(len(one.ParentSpanId) == 0 || len(one.ParentSpanId) == 8) &&
		[16]byte(one.TraceId) != [16]byte{} && [8]byte(one.SpanId) != [8]byte{}
}

func (s *Spans) add(one *tracepb.Span, now time.Time) {
	id := [16]byte(one.TraceId)
	_, _, ours := s.sent(id)
	s.spans++
	s.count(one, ours)
	t := s.trace(id, now)
	if len(t.spans) == maxSpans {
		s.lost[TooManySpans]++
		return
	}
	kept := span{id: [8]byte(one.SpanId), name: s.intern(one.Name), kind: uint8(one.Kind),
		status: uint8(one.GetStatus().GetCode()),
		start:  one.StartTimeUnixNano, end: one.EndTimeUnixNano}
	if len(one.ParentSpanId) == 8 {
		kept.parent = [8]byte(one.ParentSpanId)
	}
	t.spans = append(t.spans, kept)
	s.held++
	if one.Kind == tracepb.Span_SPAN_KIND_SERVER && len(t.attributes) == 0 {
		for _, name := range s.attributes {
			t.attributes = append(t.attributes, clean([]byte(attribute(one.Attributes, name))))
		}
	}
}

func (s *Spans) count(one *tracepb.Span, ours bool) {
	s.table.begin()
	s.table.label("name", []byte(one.Name))
	s.table.label("kind", []byte(word(kindNames, int32(one.Kind))))
	s.table.label("span_status", []byte(word(statusNames, int32(one.GetStatus().GetCode()))))
	if ours {
		s.table.label("joined", []byte("true"))
	}
	for _, l := range s.labels {
		s.table.label(l.label, []byte(attribute(one.Attributes, l.field)))
	}
	s.table.count(1)
}

// intern returns a small number for a name, so that traces under way need little memory.
func (s *Spans) intern(name string) uint32 {
	n, known := s.names[name]
	if known {
		return n
	}
	if len(s.name) >= maxNames {
		s.lost[TooManyNames]++
		name = "_other"
		if n, known = s.names[name]; known {
			return n
		}
	}
	n = uint32(len(s.name))
	s.names[name] = n
	s.name = append(s.name, clean([]byte(name)))
	return n
}

// trace returns the trace under way of an id.
func (s *Spans) trace(id [16]byte, now time.Time) *trace {
	t := s.young[id]
	if t != nil {
		return t
	}
	if t = s.old[id]; t != nil {
		delete(s.old, id)
	} else {
		t = s.fresh(id)
	}
	if len(s.young) >= maxTraces/2 || s.held >= maxHeld/2 {
		s.lost[TooEarly] += uint64(len(s.old))
		s.turn(now)
	}
	s.young[id] = t
	s.held += len(t.spans)
	return t
}

func (s *Spans) fresh(id [16]byte) *trace {
	if n := len(s.free); n > 0 {
		t := s.free[n-1]
		s.free = s.free[:n-1]
		t.id = id
		return t
	}
	return &trace{id: id}
}

// turn settles the traces that nothing was added to since the turn before.
func (s *Spans) turn(now time.Time) {
	for _, t := range s.old {
		s.settle(t)
		clear(t.attributes)
		t.spans, t.attributes = t.spans[:0], t.attributes[:0]
		if len(s.free) < maxFree && cap(t.spans) <= roomy {
			s.free = append(s.free, t)
		}
	}
	clear(s.old)
	s.old, s.young, s.held, s.turned = s.young, s.old, 0, now
}

// Settle takes every trace for whole. It is called when no more spans are expected.
func (s *Spans) Settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(time.Now())
	s.turn(time.Now())
}

// Lost reports that something could not be counted: once for each span, or each body of unknown
// content.
func (s *Spans) Lost(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost[reason]++
}

// SpanTally is what was counted of spans.
type SpanTally struct {
	Counts []Count // by name, kind, span_status, joined and the chosen labels
	Spans  uint64
	Last   time.Time // when the last one came
	Lost   map[string]uint64
}

// Tally returns what was counted so far.
func (s *Spans) Tally() SpanTally {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := SpanTally{Counts: s.table.counts(), Spans: s.spans, Last: s.last, Lost: maps.Clone(s.lost)}
	for reason, n := range map[string]uint64{TooMany: s.table.dropped, TooVarious: s.shapes.dropped} {
		if n > 0 {
			t.Lost[reason] = n
		}
	}
	return t
}

// places reports where in a request secrets stand.
func (s *Spans) places(request *coltrace.ExportTraceServiceRequest) {
	look := func(value, format string, args ...any) {
		if s.screen.Has([]byte(value)) {
			s.screen.Found(fmt.Sprintf(format, args...), []byte(value), "")
		}
	}
	for _, resource := range request.GetResourceSpans() {
		for _, pair := range resource.GetResource().GetAttributes() {
			look(textOf(pair.GetValue()), "the resource attribute %s of spans", pair.GetKey())
		}
	}
	for one := range spansOf(request) {
		look(one.Name, "the name of a span")
		look(one.GetStatus().GetMessage(), "the status of spans %q", one.Name)
		look(one.TraceState, "the trace state of spans %q", one.Name)
		for _, pair := range one.Attributes {
			look(textOf(pair.GetValue()), "the attribute %s of spans %q", pair.GetKey(), one.Name)
		}
		for _, event := range one.Events {
			look(event.GetName(), "an event of spans %q", one.Name)
			for _, pair := range event.GetAttributes() {
				look(textOf(pair.GetValue()), "an event of spans %q", one.Name)
			}
		}
	}
}
