package checks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Spans is the shape that traces must have: one root, every other span below it, and under the root
// the children that are named. How many traces there must be is for an [Identity] to say.
type Spans struct {
	At       diag.Position           `yaml:",position"`
	ID       string                  `yaml:"id,required"`
	Where    map[string]diag.Pattern `yaml:"where"`    // attributes of the root that choose the traces; all when absent
	Root     string                  `yaml:"root"`     // the kind of the root: server; any when empty
	Children []string                `yaml:"children"` // of the root, each exactly once
	Optional []string                `yaml:"optional"` // further spans, any number of each, anywhere; when neither list is given, any span may be there
	By       map[string]string       `yaml:"by"`       // labels that brrtload_spans_total has, to the attributes that have their values
	Doubt    promql.Query            `yaml:"doubt"`    // makes flaws inconclusive when it is above 0: spans were lost on the way here
	Severity assertions.Severity     `yaml:"severity"`
	Why      string                  `yaml:"why"`
}

// UnmarshalNode implements diag.Unmarshaler.
func (s *Spans) UnmarshalNode(n diag.Node) error {
	type fields Spans
	f := fields{Severity: assertions.Failing}
	err := n.Decode(&f)
	*s = Spans(f)
	if err != nil {
		return err
	}
	return checkLabels(n, s.By)
}

// About implements Assertion.
func (s *Spans) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: s.ID, Kind: "spans", Why: s.Why, Severity: s.Severity, Window: facts.Run, Position: s.At}, Bearing: assertions.Bearing{Intake: facts.Wants{SpanLabels: s.By, Attributes: slices.Sorted(maps.Keys(s.Where))}}}

}

// Judge implements Assertion.
func (s *Spans) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	if taken, err := promql.Present(ctx, e, w, doubts.SpansTaken); err != nil || !taken {
		return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: doubts.NoSpans}}, err
	}
	n, flaws, lacking := uint64(0), map[string]uint64{}, maps.Clone(s.Where)
	for event := range e.Events(facts.Always) {
		if event.Source != facts.FromTrace {
			continue
		}
		maps.DeleteFunc(lacking, func(attribute string, _ diag.Pattern) bool {
			_, has := event.Fields[facts.TraceAttribute+attribute]
			return has
		})
		if !s.chooses(event) {
			continue
		}
		n += event.Count
		for _, flaw := range s.flaws(event.Fields) {
			flaws[flaw] += event.Count
		}
	}
	if n == 0 && len(s.Where) == 0 {
		return []assertions.Finding{{Verdict: assertions.Inconclusive,
			Text: "no trace came in: nothing to look at"}}, nil
	}
	if n == 0 && len(lacking) > 0 {
		return []assertions.Finding{{Verdict: assertions.Inconclusive,
			Text: fmt.Sprintf("no trace has the attribute %s, by which they are chosen",
				slices.Sorted(maps.Keys(lacking))[0])}}, nil
	}
	if n == 0 {
		return []assertions.Finding{{Verdict: assertions.NotApplicable,
			Text: "no trace is of those that are chosen"}}, nil
	}
	var findings []assertions.Finding
	for _, flaw := range slices.Sorted(maps.Keys(flaws)) {
		findings = append(findings, assertions.Finding{Verdict: assertions.Untruthful,
			Text: fmt.Sprintf("%s of %s traces %s", quantity.Quantity{Value: float64(flaws[flaw])},
				quantity.Quantity{Value: float64(n)}, flaw)})
	}
	if len(findings) == 0 {
		return []assertions.Finding{{Text: fmt.Sprintf("%s traces are whole", quantity.Quantity{Value: float64(n)}),
			Samples: int(n)}}, nil
	}
	return assertions.Bounded(findings), doubts.Lost(ctx, e, w, s.Doubt, findings)
}

func (s *Spans) chooses(event facts.Event) bool {
	for attribute, pattern := range s.Where {
		if !pattern.Matches(event.Fields[facts.TraceAttribute+attribute]) {
			return false
		}
	}
	return true
}

// flaws reports what is wrong with traces of one shape.
func (s *Spans) flaws(fields map[string]string) []string {
	var found []string
	switch roots := fields[facts.TraceRoots]; {
	case roots == "0":
		found = append(found, "have no root")
	case roots != "1":
		found = append(found, "have several roots")
	case s.Root != "" && fields[facts.TraceRoot] != s.Root:
		found = append(found, fmt.Sprintf("have a root that is not of the kind %s", s.Root))
	}
	if fields[facts.TraceOrphans] != "" {
		found = append(found, "have spans whose parent is missing")
	}
	if fields[facts.TraceTwins] != "" {
		found = append(found, "have two spans with the same id")
	}
	if fields[facts.TraceJoined] == "false" {
		found = append(found, "do not continue the traceparent that was sent")
	}
	if fields[facts.TraceRoots] == "0" || s.Children == nil && s.Optional == nil {
		return found
	}
	return append(found, s.undeclared(fields)...)
}

// undeclared compares the spans below the root with those that are declared.
func (s *Spans) undeclared(fields map[string]string) []string {
	var found []string
	for _, name := range s.Children {
		switch n, _ := strconv.Atoi(fields[facts.TraceChild+name]); n {
		case 0:
			found = append(found, fmt.Sprintf("lack a span %s under the root", name))
		case 1:
		default:
			found = append(found, fmt.Sprintf("have more than one span %s", name))
		}
	}
	for field := range fields {
		name, child := strings.CutPrefix(field, facts.TraceChild)
		deeper := false
		if !child {
			name, deeper = strings.CutPrefix(field, facts.TraceDeeper)
		}
		if child && slices.Contains(s.Children, name) || slices.Contains(s.Optional, name) || !child && !deeper {
			continue
		}
		found = append(found, fmt.Sprintf("have a span %s that is not declared there", name))
	}
	return found
}
