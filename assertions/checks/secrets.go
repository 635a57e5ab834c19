package checks

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// Secrets says that no secret of the scenario appears in what the service tells: log lines, spans,
// label values and help texts. They were looked for while all that was taken in, and only the
// places were kept, so that a kept run can be judged again without the secrets.
type Secrets struct{}

// secretsSought is the series that is there whenever secrets were looked for: how many.
const secretsSought = "brrtload_secrets_sought"

// About implements Assertion.
func (Secrets) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: "secrets", Kind: "secrets", Severity: assertions.Failing,
		Window: facts.Run,
		Why:    "what is in a log or a metric is read by many, kept for long and sent far"}, Bearing: assertions.Bearing{Unasked: true}}

}

// Judge implements Assertion. A secret that is found makes the telemetry unfit for use as a lie
// does, and so has the same verdict; it accuses no metric.
func (Secrets) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	var findings []assertions.Finding
	for event := range e.Events(facts.Always) {
		if event.Source == facts.FromScreen {
			findings = append(findings, assertions.Finding{Verdict: assertions.Untruthful, Text: where(event)})
		}
	}
	if len(findings) > 0 {
		return assertions.Bounded(findings), nil
	}
	w, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	sought, known, err := promql.Single(ctx, e, w, promql.Must(secretsSought))
	if err != nil || !known {
		return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: "secrets were not looked for"}}, err
	}
	return []assertions.Finding{{Text: fmt.Sprintf("%s not found anywhere",
		assertions.Counting(int(sought), "secret"))}}, nil
}

// where reports in words where a secret was found, and which.
func where(place facts.Event) string {
	secret, times := "a secret of the scenario", assertions.Counting(int(place.Count), "time")
	if owner := place.Fields[facts.OwnerField]; owner != "" {
		secret = "the secret of " + owner
	}
	if line := place.Fields[facts.LineField]; line != "" {
		times += ", first in " + line
	}
	return fmt.Sprintf("%s is in %s (%s)", secret, place.Name, times)
}
