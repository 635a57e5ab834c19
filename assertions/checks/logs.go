package checks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// LogEvent is the shape of one kind of log event: the level and the fields that every one of them
// must have. How many there must be is for an [Identity] to say.
type LogEvent struct {
	At       diag.Position        `yaml:",position"`
	ID       string               `yaml:"id,required"`
	Event    string               `yaml:"event,required"`  // the message
	Level    string               `yaml:"level"`           // when empty, any
	Fields   map[string]FieldType `yaml:"fields,required"` // field to the type of its value: text, integer, number or boolean
	By       map[string]string    `yaml:"by"`              // labels that brrtload_log_events_total has for it, to the fields that have their values
	AtLeast  uint64               `yaml:"at_least"`        // how many there must be in a log that was read from the service's start
	Severity assertions.Severity  `yaml:"severity"`
	Why      string               `yaml:"why"`
}

// FieldType is what the value of a log field must be.
type FieldType string

// The field types. Text may be empty; a number may be whole.
const (
	TextField    FieldType = facts.TextField
	IntegerField FieldType = facts.IntegerField
	NumberField  FieldType = facts.NumberField
	BooleanField FieldType = facts.BooleanField
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *FieldType) UnmarshalText(text []byte) error {
	return diag.Choose(t, text, TextField, IntegerField, NumberField, BooleanField)
}

// among reports whether the type is in a list of types.
func (t FieldType) among(types string) bool { return slices.Contains(strings.Fields(types), string(t)) }

// UnmarshalNode implements diag.Unmarshaler.
func (l *LogEvent) UnmarshalNode(n diag.Node) error {
	type fields LogEvent
	f := fields{Severity: assertions.Failing}
	err := n.Decode(&f)
	*l = LogEvent(f)
	if err != nil {
		return err
	}
	return checkLabels(n, l.By)
}

// About implements Assertion.
func (l *LogEvent) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: l.ID, Kind: "logs", Why: l.Why, Severity: l.Severity, Window: facts.Run, Query: fmt.Sprintf("log events %q", l.Event), Position: l.At}, Bearing: assertions.Bearing{Intake: facts.Wants{Events: map[string]facts.EventWants{l.Event: {Labels: l.By, Fields: slices.Sorted(maps.Keys(l.Fields))}}}}}

}

// Judge implements Assertion.
func (l *LogEvent) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	if taken, err := promql.Present(ctx, e, w, doubts.LogTaken); err != nil || !taken {
		return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: doubts.NoLog}}, err
	}
	n, flaws, others := uint64(0), map[string]uint64{}, []string{}
	for event := range e.Events(facts.Always) {
		if event.Source != facts.FromLog || event.Name != l.Event {
			if event.Source == facts.FromLog {
				others = append(others, event.Name)
			}
			continue
		}
		n += event.Count
		for _, flaw := range l.flaws(event) {
			flaws[flaw] += event.Count
		}
	}
	var findings []assertions.Finding
	for _, flaw := range slices.Sorted(maps.Keys(flaws)) {
		findings = append(findings, assertions.Finding{Verdict: assertions.Untruthful,
			Text: fmt.Sprintf("%s of %s events %q %s", quantity.Quantity{Value: float64(flaws[flaw])},
				quantity.Quantity{Value: float64(n)}, l.Event, flaw)})
	}
	if n < l.AtLeast {
		short, err := l.short(ctx, e, w, n)
		if err != nil {
			return nil, err
		}
		findings = append(findings, short)
	}
	if n == 0 && len(findings) == 0 && promql.Misspelt(l.Event, others) {
		return []assertions.Finding{{Verdict: assertions.DoesNotFit,
			Text: fmt.Sprintf("no event has the name %q%s", l.Event, diag.DidYouMean(l.Event, others))}}, nil
	}
	if n == 0 && len(findings) == 0 {
		return []assertions.Finding{{Verdict: assertions.NotApplicable,
			Text: fmt.Sprintf("there were no events %q", l.Event)}}, nil
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Text: fmt.Sprintf("%s events %q have all their fields",
			quantity.Quantity{Value: float64(n)}, l.Event), Samples: int(n)}}
	}
	return assertions.Bounded(findings), nil
}

// short reports that there were too few events, as far as that is known.
func (l *LogEvent) short(ctx context.Context, e facts.Evidence, w facts.Window, n uint64) (assertions.Finding, error) {
	f := assertions.Finding{Verdict: assertions.Untruthful, Text: fmt.Sprintf("%s events %q, want %s or more",
		quantity.Quantity{Value: float64(n)}, l.Event, quantity.Quantity{Value: float64(l.AtLeast)})}
	whole, err := promql.Present(ctx, e, w, doubts.LogTaken+`{from="start"}`)
	if err == nil && !whole {
		f.Verdict = assertions.Inconclusive
		f.Text += "; the log was not read from the service's start"
	}
	return f, err
}

// flaws reports what is wrong with events of one shape.
func (l *LogEvent) flaws(event facts.Event) []string {
	var found []string
	if level := event.Fields[facts.LevelField]; l.Level != "" && !strings.EqualFold(level, l.Level) {
		found = append(found, fmt.Sprintf("are not of the level %s", l.Level))
	}
	for name, kind := range l.Fields {
		types, ok := event.Fields[name]
		switch {
		case !ok:
			found = append(found, "lack the field "+name)
		case !kind.among(types):
			found = append(found, fmt.Sprintf("have a field %s that is not of the type %s", name, kind))
		}
	}
	return found
}
