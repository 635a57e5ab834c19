package signals

import (
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

	"brrtload/assertions"
)

// Format is how the lines of a log are written.
type Format struct {
	Kind     string // "json" or "logfmt"; json when empty
	Event    string // the field that names the event; "msg" when empty
	Level    string // the field of its level; "level" when empty
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
	for i, name := range []assertions.FieldType{assertions.TextField, assertions.IntegerField, assertions.NumberField,
		assertions.BooleanField, "null", "structured"} {
		if k>>i&1 == 1 {
			names = append(names, string(name))
		}
	}
	return strings.Join(names, " ")
}

// parser reads one line at a time. What it gives is valid until the next.
type parser interface {
	// parse reads a line; the error says where it stops being one.
	parse(line []byte) error
	// event names the line's event; empty when it has none.
	event() []byte
	// get gives a field's value as text, and what types it fits; 0 when the line has no such field.
	get(field string) ([]byte, kinds)
	// fields lists the names of the line's fields.
	fields() []string
}

func (f Format) parser() parser {
	name := f.Event
	if name == "" {
		name = "msg"
	}
	switch {
	case len(f.Patterns) > 0:
		return &patterns{all: f.Patterns}
	case f.Kind == "logfmt":
		return &logfmtLine{name: name}
	default:
		return &jsonLine{name: name}
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
	name    string
	parser  fastjson.Parser
	value   *fastjson.Value
	scratch []byte
}

var errNoObject = errors.New("byte 1: no JSON object")

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

// jsonError says where a line stops being JSON, without repeating what stands there.
func jsonError(line []byte) error {
	var syntax *json.SyntaxError
	var any json.RawMessage
	if err := json.Unmarshal(line, &any); errors.As(err, &syntax) {
		return fmt.Errorf("byte %d: not JSON: %s", syntax.Offset, strings.Split(syntax.Error(), " '")[0])
	}
	return errors.New("byte 1: no JSON that can be read")
}

func (j *jsonLine) event() []byte { return j.value.GetStringBytes(j.name) }

func (j *jsonLine) get(field string) ([]byte, kinds) {
	v := j.value.Get(field)
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

func (j *jsonLine) fields() []string {
	var names []string
	j.value.GetObject().Visit(func(key []byte, _ *fastjson.Value) { names = append(names, string(key)) })
	return names
}

// logfmtLine is a line of key=value pairs.
type logfmtLine struct {
	name string
	keys []string
	vals [][]byte
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
		return fmt.Errorf("byte %d: not logfmt", syntax.Pos)
	} else if err != nil {
		return fmt.Errorf("byte 1: not logfmt: %w", err)
	}
	return nil
}

func (l *logfmtLine) event() []byte {
	name, _ := l.get(l.name)
	return name
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

var errNoPattern = errors.New("byte 1: no pattern matches")

func (p *patterns) parse(line []byte) error {
	for i, one := range p.all {
		if p.match = one.Matches.FindSubmatchIndex(line); p.match != nil {
			p.found, p.line = i, line
			return nil
		}
	}
	return errNoPattern
}

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
	names := slices.Clone(p.all[p.found].Matches.SubexpNames()) // the regexp's own slice: deleting from it would move its groups
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// guess gives the types that a value without one fits: any is text too.
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
