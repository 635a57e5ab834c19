package signals

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"brrtload/internal/facts"
)

// Events counts the log events of a service, by labels that are chosen for each, and keeps of those
// that something is asserted of which fields they had, and of what type. Its memory does not grow
// with the number of lines. It is safe for concurrent use.
type Events struct {
	format Format
	wants  map[string]facts.EventWants
	common []pair // label, field: of every event

	mu      sync.Mutex
	parser  parser
	table   table
	events  map[string]*event
	at      uint64 // the number of the line under way, empty ones counted
	lines   uint64
	odd     uint64 // lines that fit no format
	lost    map[string]uint64
	reasons []Reason
}

// event is what is known of the events of one name.
type event struct {
	labels []pair
	fields []string
	shapes map[string]*shape
}

type pair struct{ label, field string }

// shape is the types of the fields that something is asserted of, and the level.
type shape struct {
	first time.Time
	level string
	n     uint64
}

const (
	maxShapes  = 256 // of the events of one name
	maxReasons = 32  // why lines fit no format
)

// The reasons for which events are lost before they can be counted.
const (
	TooLong    = "line_too_long"
	TooMany    = "too_many_label_sets"
	TooVarious = "too_many_shapes"
	Truncated  = "file_truncated"
	Unreadable = "file_unreadable"
)

// NewEvents counts the lines of a log that is written in a format: those that something is asserted
// of by the labels that it wants, and all by those that are common, a label to the field that has
// its value.
func NewEvents(f Format, wants map[string]facts.EventWants, common map[string]string) *Events {
	e := &Events{format: f, wants: wants, common: sorted(common), parser: f.parser(), events: map[string]*event{},
		lost: map[string]uint64{}}
	for _, name := range slices.Sorted(maps.Keys(wants)) {
		want := wants[name]
		labels := maps.Clone(common)
		if labels == nil {
			labels = map[string]string{}
		}
		maps.Copy(labels, want.Labels)
		e.events[name] = &event{sorted(labels), slices.Sorted(slices.Values(want.Fields)), map[string]*shape{}}
		e.table.begin()
		e.table.label("event", []byte(name))
		e.table.ensure()
	}
	return e
}

func sorted(labels map[string]string) []pair {
	var out []pair
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, pair{label, labels[label]})
	}
	return out
}

// Take counts one line, without its end. Empty lines are no lines.
func (e *Events) Take(line []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.at++
	if len(line) == 0 {
		return
	}
	e.lines++
	err := e.parser.parse(line)
	var name []byte
	if err == nil {
		if name = e.parser.event(); len(name) == 0 {
			err = e.parser.nameless()
		}
	}
	if err != nil {
		e.unfit(err)
		return
	}
	known := e.events[string(name)]
	labels := e.common
	if known != nil {
		labels = known.labels
	}
	level, _ := e.parser.get(e.format.level())
	e.table.begin()
	e.table.label("event", name)
	e.table.label("level", level)
	for _, l := range labels {
		value, _ := e.parser.get(l.field)
		e.table.label(l.label, value)
	}
	e.table.count(1)
	if known != nil {
		e.shape(known)
	}
}

// unfit counts a line that fits no format, by the reason.
func (e *Events) unfit(err error) {
	e.odd++
	why := odd{1, err.Error()}
	errors.As(err, &why)
	i := slices.IndexFunc(e.reasons, func(r Reason) bool { return r.What == why.what })
	if i < 0 {
		if len(e.reasons) >= maxReasons {
			return
		}
		i = len(e.reasons)
		e.reasons = append(e.reasons, Reason{What: why.what, Line: e.at, Byte: why.at})
	}
	e.reasons[i].Lines++
}

// shape counts the line under way by the types of its fields.
func (e *Events) shape(of *event) {
	var room [64]byte
	key := room[:0]
	for _, field := range of.fields {
		_, fits := e.parser.get(field)
		key = append(key, byte(fits))
	}
	level, _ := e.parser.get(e.format.level())
	key = append(key, level[:min(len(level), maxText)]...)
	known := of.shapes[string(key)]
	if known == nil {
		if len(of.shapes) >= maxShapes {
			e.lost[TooVarious]++
			return
		}
		known = &shape{first: time.Now(), level: clean(level)}
		of.shapes[string(key)] = known
	}
	known.n++
}

// Lost reports that something of the log could not be counted: once for each line, or for each gap
// of unknown length.
func (e *Events) Lost(reason string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lost[reason]++
	if reason == TooLong {
		e.at++
	}
}

// Tally is what was counted of a log.
type Tally struct {
	Counts  []Count           // by event, level and the chosen labels
	Lines   uint64            // read
	Odd     uint64            // of them, those that fit no format
	Lost    map[string]uint64 // by reason
	Reasons []Reason          // why lines fit no format, the most frequent first
}

// Reason is why lines fit no format: what is wrong, not what stands there; how many lines; and
// where in the first of them.
type Reason struct {
	What        string
	Lines, Line uint64
	Byte        int64
}

// String returns the reason in words.
func (r Reason) String() string {
	lines := "lines"
	if r.Lines == 1 {
		lines = "line"
	}
	return fmt.Sprintf("%d %s: %s (first line %d, byte %d)", r.Lines, lines, r.What, r.Line, r.Byte)
}

// Tally returns what was counted so far.
func (e *Events) Tally() Tally {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := Tally{Counts: e.table.counts(), Lines: e.lines, Odd: e.odd, Lost: maps.Clone(e.lost),
		Reasons: slices.Clone(e.reasons)}
	slices.SortStableFunc(t.Reasons, func(a, b Reason) int { return cmp.Compare(b.Lines, a.Lines) })
	if e.table.dropped > 0 {
		t.Lost[TooMany] = e.table.dropped
	}
	return t
}

// Events returns, of what something is asserted of, an event for every set of field types that was
// seen, with how many had it. A field's value is the list of the types that it fits.
func (e *Events) Events() []facts.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []facts.Event
	for _, name := range slices.Sorted(maps.Keys(e.events)) {
		of := e.events[name]
		for _, key := range slices.Sorted(maps.Keys(of.shapes)) {
			s := of.shapes[key]
			fields := map[string]string{}
			for i, field := range of.fields {
				if fits := kinds(key[i]); fits != 0 {
					fields[field] = fits.String()
				}
			}
			if s.level != "" {
				fields[facts.LevelField] = s.level
			}
			out = append(out, facts.Event{Time: s.first, Source: facts.FromLog, Name: name, Fields: fields,
				Count: s.n})
		}
	}
	return out
}

// place reports where in a line a secret stands.
func (e *Events) place(screen *Screen, line []byte) string {
	p := e.format.parser()
	if p.parse(line) != nil {
		return "a log line"
	}
	event := p.event()
	for _, field := range p.fields() {
		if value, _ := p.get(field); screen.Has(value) {
			return fmt.Sprintf("the field %s of log events %q", field, event)
		}
	}
	return fmt.Sprintf("log events %q", strings.ToValidUTF8(string(event), "\uFFFD"))
}
