package assertions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Secrets says that no secret of the scenario appears in what the service tells: log events, spans, label values and help texts. The finding names
// the place and never the secret. Values of fewer than four bytes are not looked for: they appear by chance.
func Secrets(values []string) Assertion {
	var s secrets
	for _, value := range values {
		if len(value) >= shortestSecret {
			s.values = append(s.values, value)
		}
	}
	return s
}

const shortestSecret = 4

type secrets struct{ values []string }

// About implements Assertion.
func (secrets) About() About {
	return About{ID: "secrets", Kind: "secrets", Severity: Failing, Window: Run,
		Why: "what is in a log or a metric is read by many, kept for long and sent far"}
}

// Judge implements Assertion. A secret that is found makes the telemetry unfit for use as a lie does, and so has the same verdict; it accuses no metric.
func (s secrets) Judge(_ context.Context, e Evidence) ([]Finding, error) {
	w, ok := e.Window(Run)
	if !ok {
		return []Finding{noWindow(Run)}, nil
	}
	places := map[string]int{}
	look := func(text, format string, args ...any) {
		if slices.ContainsFunc(s.values, func(value string) bool { return strings.Contains(text, value) }) {
			places[fmt.Sprintf(format, args...)]++
		}
	}
	for _, f := range e.Families(w) {
		look(f.Help, "the help text of %s", f.Name)
		for _, label := range f.labelNames() {
			for _, value := range f.Labels[label] {
				look(value, "the label %s of %s", label, f.Name)
			}
		}
	}
	for event := range e.Events(w) {
		name := s.redact(event.Name)
		look(event.Name, "the name of a %s event", event.Source)
		for field, value := range event.Fields {
			look(value, "the field %s of %s events %q", field, event.Source, name)
		}
	}
	var findings []Finding
	for _, place := range slices.Sorted(maps.Keys(places)) {
		findings = append(findings, Finding{Verdict: Untruthful, Text: fmt.Sprintf("a secret of the scenario is in %s (%s)", place, counting(places[place], "time"))})
	}
	if len(findings) == 0 {
		findings = []Finding{{Text: fmt.Sprintf("%s not found anywhere", counting(len(s.values), "secret"))}}
	}
	return bounded(findings), nil
}

// redact makes a text fit to be shown.
func (s secrets) redact(text string) string {
	for _, value := range s.values {
		text = strings.ReplaceAll(text, value, "***")
	}
	return text
}
