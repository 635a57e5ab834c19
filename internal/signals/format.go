package signals

import (
	"brrtload/internal/facts"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-logfmt/logfmt"
	"github.com/valyala/fastjson"
)

// Format is how the lines of a log are written.
type Format struct {
	Kind     string // "json" or "logfmt"; json when empty
	Event    string // the field that names the event, or the path of one; the first there is of usualEvents when empty
	Level    string // the field of its level, or the path of one; "level" when empty
	Patterns []Pattern
}

// Pattern is a kind of event in a log without fields: named groups are its fields.
type Pattern struct {
	Event   string
	Matches *regexp.Regexp
}

// kinds are the types that a value fits, a bit each.
type kinds uint8

const (
	text kinds = 1 << iota
	integer
	number
	boolean
	null
	structured
)

// String lists the types, in the words of package assertions.
func (k kinds) String() string {
	var names []string
	for i, name := range []string{facts.TextField, facts.IntegerField, facts.NumberField,
		facts.BooleanField, "null", "structured"} {
		if k>>i&1 == 1 {
			names = append(names, string(name))
		}
	}
	return strings.Join(names, " ")
}

// usualEvents are the fields in which an event's name is looked for, unless a format says
// otherwise: that of log/slog and zap, that of logrus, structlog and others, and that of Rust's
// tracing.
var usualEvents = []string{"msg", "message", "fields.message"}

// odd is what is wrong with a line.
type odd struct {
	at   int64 // byte, from 1
	what string
}

// Error implements error.
func (o odd) Error() string { return fmt.Sprintf("byte %d: %s", o.at, o.what) }

// parser reads one line at a time. What it gives is valid until the next.
type parser interface {
	// parse reads a line; the error, an [odd], says where it stops being one.
	parse(line []byte) error
	// event names the line's event; empty when it has none.
	event() []byte
	// nameless says what a line without an event lacks.
	nameless() odd
	// get gives a field's value as text, and what types it fits; 0 when the line has no such field.
	get(field string) ([]byte, kinds)
	// fields lists the names of the line's fields.
	fields() []string
}

func (f Format) parser() parser {
	names := usualEvents
	if f.Event != "" {
		names = []string{f.Event}
	}
	switch {
	case len(f.Patterns) > 0:
		return &patterns{all: f.Patterns}
	case f.Kind == "logfmt":
		return &logfmtLine{names: names}
	default:
		return &jsonLine{names: names}
	}
}

func (f Format) level() string {
	if f.Level == "" {
		return "level"
	}
	return f.Level
}

// jsonLine is a line that is a JSON object.
type jsonLine struct {
	names   []string
	parser  fastjson.Parser
	value   *fastjson.Value
	scratch []byte
}

var errNoObject = odd{1, "JSON, but not an object"}

func (j *jsonLine) parse(line []byte) error {
	v, err := j.parser.ParseBytes(line)
	if err != nil {
		return jsonError(line)
	}
	if v.Type() != fastjson.TypeObject {
		return errNoObject
	}
	j.value = v
	return nil
}

// jsonError reports where a line stops being JSON, without repeating what stands there.
func jsonError(line []byte) error {
	var syntax *json.SyntaxError
	var any json.RawMessage
	if err := json.Unmarshal(line, &any); errors.As(err, &syntax) {
		return odd{syntax.Offset, "not JSON: " + strings.Split(syntax.Error(), " '")[0]}
	}
	return odd{1, "no JSON that can be read"}
}

func (j *jsonLine) event() []byte {
	for _, name := range j.names {
		if v := at(j.value, name); v != nil {
			return v.GetStringBytes()
		}
	}
	return nil
}

func (j *jsonLine) nameless() odd {
	return odd{1, "JSON without the field " + strings.Join(j.names, " or ")}
}

// at returns the value of a field, or of a path: the names of fields within each other, with dots
// between. A name may have dots itself.
func at(v *fastjson.Value, path string) *fastjson.Value {
	if found := v.Get(path); found != nil {
		return found
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if inner := v.Get(path[:i]); inner != nil {
			if found := at(inner, path[i+1:]); found != nil {
				return found
			}
		}
	}
	return nil
}

func (j *jsonLine) get(field string) ([]byte, kinds) {
	v := at(j.value, field)
	if v == nil {
		return nil, 0
	}
	switch v.Type() {
	case fastjson.TypeString:
		return v.GetStringBytes(), text
	case fastjson.TypeNumber:
		j.scratch = v.MarshalTo(j.scratch[:0])
		if bytes.ContainsAny(j.scratch, ".eE") {
			return j.scratch, number
		}
		return j.scratch, integer | number
	case fastjson.TypeTrue, fastjson.TypeFalse:
		j.scratch = v.MarshalTo(j.scratch[:0])
		return j.scratch, boolean
	case fastjson.TypeNull:
		return nil, null
	default:
		return nil, structured
	}
}

func (j *jsonLine) fields() []string { return paths(nil, "", j.value) }

// paths appends the paths of all values below one.
func paths(to []string, path string, v *fastjson.Value) []string {
	below := path + "."
	if path == "" {
		below = ""
	}
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, inner *fastjson.Value) { to = paths(to, below+string(key), inner) })
	case fastjson.TypeArray:
		for i, inner := range v.GetArray() {
			to = paths(to, below+strconv.Itoa(i), inner)
		}
	default:
		to = append(to, path)
	}
	return to
}

// logfmtLine is a line of key=value pairs.
type logfmtLine struct {
	names []string
	keys  []string
	vals  [][]byte
}

func (l *logfmtLine) parse(line []byte) error {
	l.keys, l.vals = l.keys[:0], l.vals[:0]
	d := logfmt.NewDecoder(bytes.NewReader(line))
	for d.ScanRecord() {
		for d.ScanKeyval() {
			l.keys = append(l.keys, string(d.Key()))
			l.vals = append(l.vals, slices.Clone(d.Value()))
		}
	}
	var syntax *logfmt.SyntaxError
	if err := d.Err(); errors.As(err, &syntax) {
		return odd{int64(syntax.Pos), "not logfmt"}
	} else if err != nil {
		return odd{1, "not logfmt"}
	}
	return nil
}

func (l *logfmtLine) event() []byte {
	for _, name := range l.names {
		if value, fits := l.get(name); fits != 0 {
			return value
		}
	}
	return nil
}

func (l *logfmtLine) nameless() odd {
	return odd{1, "logfmt without the field " + strings.Join(l.names, " or ")}
}

func (l *logfmtLine) get(field string) ([]byte, kinds) {
	for i, key := range l.keys {
		if key == field {
			return l.vals[i], guess(l.vals[i])
		}
	}
	return nil, 0
}

func (l *logfmtLine) fields() []string { return l.keys }

// patterns are the lines of a log without fields.
type patterns struct {
	all   []Pattern
	found int
	line  []byte
	match []int
}

var errNoPattern = odd{1, "no pattern matches"}

func (p *patterns) parse(line []byte) error {
	for i, one := range p.all {
		if p.match = one.Matches.FindSubmatchIndex(line); p.match != nil {
			p.found, p.line = i, line
			return nil
		}
	}
	return errNoPattern
}

func (p *patterns) nameless() odd { return odd{1, "a pattern without an event"} }

func (p *patterns) event() []byte { return []byte(p.all[p.found].Event) }

func (p *patterns) get(field string) ([]byte, kinds) {
	i := p.all[p.found].Matches.SubexpIndex(field)
	if i < 0 || p.match[2*i] < 0 {
		return nil, 0
	}
	value := p.line[p.match[2*i]:p.match[2*i+1]]
	return value, guess(value)
}

func (p *patterns) fields() []string {
	// the regexp's own slice: deleting from it would move its groups
	names := slices.Clone(p.all[p.found].Matches.SubexpNames())
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// guess returns the types that a value without one fits: any is text too.
func guess(value []byte) kinds {
	out := text
	if _, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		out |= integer | number
	} else if _, err := strconv.ParseFloat(string(value), 64); err == nil {
		out |= number
	}
	if string(value) == "true" || string(value) == "false" {
		out |= boolean
	}
	return out
}
