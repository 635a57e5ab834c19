package assertions

import (
	"context"
	"fmt"
)

// Secrets says that no secret of the scenario appears in what the service tells: log lines, spans, label values and help texts. They were looked for
// while all that was taken in, and only the places were kept, so that a kept run can be judged again without the secrets.
type Secrets struct{}

// secretsSought is the series that is there whenever secrets were looked for: how many.
const secretsSought = "brrtload_secrets_sought"

// About implements Assertion.
func (Secrets) About() About {
	return About{Heading{ID: "secrets", Kind: "secrets", Severity: Failing, Window: Run,
		Why: "what is in a log or a metric is read by many, kept for long and sent far"},
		Bearing{Unasked: true}}
}

// Judge implements Assertion. A secret that is found makes the telemetry unfit for use as a lie does, and so has the same verdict; it accuses no metric.
func (Secrets) Judge(ctx context.Context, e Evidence) ([]Finding, error) {
	var findings []Finding
	for event := range e.Events(always) {
		if event.Source == FromScreen {
			findings = append(findings, Finding{Verdict: Untruthful, Text: told(event)})
		}
	}
	if len(findings) > 0 {
		return bounded(findings), nil
	}
	w, ok := e.Window(Run)
	if !ok {
		return []Finding{noWindow(w)}, nil
	}
	sought, known, err := single(ctx, e, w, query(secretsSought))
	if err != nil || !known {
		return []Finding{{Verdict: Inconclusive, Text: "nobody looked for secrets"}}, err
	}
	return []Finding{{Text: fmt.Sprintf("%s not found anywhere", counting(int(sought), "secret"))}}, nil
}

// told says in words where a secret was found, and which.
func told(place Event) string {
	secret, times := "a secret of the scenario", counting(int(place.Count), "time")
	if owner := place.Fields[OwnerField]; owner != "" {
		secret = "the secret of " + owner
	}
	if line := place.Fields[LineField]; line != "" {
		times += ", first in " + line
	}
	return fmt.Sprintf("%s is in %s (%s)", secret, place.Name, times)
}
