package assertions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"brrtload/internal/diag"
)

// LogEvent is the shape of one kind of log event: the level and the fields that every one of them must have. How many there must be is for
// an [Identity] to say. Of events that were not kept, beyond the evidence's bound, nothing is known.
type LogEvent struct {
	At       diag.Position        `yaml:",position"`
	ID       string               `yaml:"id,required"`
	Event    string               `yaml:"event,required"` // the message
	Level    string               `yaml:"level"`          // when empty, any
	Fields   map[string]FieldType `yaml:"fields,required"`
	Severity Severity             `yaml:"severity"`
	Why      string               `yaml:"why"`
}

// FieldType is what the value of a log field must be.
type FieldType string

// The field types. Text may be empty; a number may be whole.
const (
	TextField    FieldType = "text"
	IntegerField FieldType = "integer"
	NumberField  FieldType = "number"
	BooleanField FieldType = "boolean"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *FieldType) UnmarshalText(text []byte) error {
	return choose(t, text, TextField, IntegerField, NumberField, BooleanField)
}

// fits tells whether a value is of the type.
func (t FieldType) fits(value string) bool {
	var err error
	switch t {
	case IntegerField:
		_, err = strconv.ParseInt(value, 10, 64)
	case NumberField:
		_, err = strconv.ParseFloat(value, 64)
	case BooleanField:
		return value == "true" || value == "false"
	}
	return err == nil
}

// UnmarshalNode implements diag.Unmarshaler.
func (l *LogEvent) UnmarshalNode(n diag.Node) error {
	type fields LogEvent
	f := fields{Severity: Failing}
	err := n.Decode(&f)
	*l = LogEvent(f)
	return err
}

// About implements Assertion.
func (l *LogEvent) About() About {
	return About{ID: l.ID, Kind: "logs", Why: l.Why, Severity: l.Severity, Window: Run, Query: fmt.Sprintf("log events %q", l.Event), Position: l.At}
}

// Judge implements Assertion.
func (l *LogEvent) Judge(_ context.Context, e Evidence) ([]Finding, error) {
	w, ok := e.Window(Run)
	if !ok {
		return []Finding{noWindow(Run)}, nil
	}
	n, flaws := 0, map[string]int{}
	for event := range e.Events(w) {
		if event.Source != "log" || event.Name != l.Event {
			continue
		}
		n++
		for _, flaw := range l.flaws(event) {
			flaws[flaw]++
		}
	}
	var findings []Finding
	for _, flaw := range slices.Sorted(maps.Keys(flaws)) {
		findings = append(findings, Finding{Verdict: Untruthful,
			Text: fmt.Sprintf("%s of %s events %q %s", Quantity{Value: float64(flaws[flaw])}, Quantity{Value: float64(n)}, l.Event, flaw)})
	}
	if len(findings) == 0 {
		findings = []Finding{{Text: fmt.Sprintf("%s events %q have all their fields", Quantity{Value: float64(n)}, l.Event), Samples: n}}
	}
	return bounded(findings), nil
}

// flaws says what is wrong with one event, without its values: they may be anything.
func (l *LogEvent) flaws(event Event) []string {
	var found []string
	if level := event.Fields["level"]; l.Level != "" && !strings.EqualFold(level, l.Level) {
		found = append(found, fmt.Sprintf("are not of the level %s", l.Level))
	}
	for name, kind := range l.Fields {
		value, ok := event.Fields[name]
		switch {
		case !ok:
			found = append(found, "lack the field "+name)
		case !kind.fits(value):
			found = append(found, fmt.Sprintf("have a field %s that is not of the type %s", name, kind))
		}
	}
	return found
}
