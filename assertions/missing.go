package assertions

import (
	"context"
	"slices"
	"strings"
)

// absent gives a finding for every required selector of a query that matched no series in the window.
func absent(ctx context.Context, e Evidence, w Window, q Query) ([]Finding, error) {
	var findings []Finding
	for _, s := range q.selectors() {
		there, err := present(ctx, e, w, s.text)
		if err != nil {
			return nil, err
		}
		if s.required && !there {
			findings = append(findings, missing(e, w, s))
		}
	}
	return findings, nil
}

// missing is the finding where a metric that telemetry should have is not there. Nothing was shown to be untrue: it may have been misspelt, here or there. That
// a service exposes what it promises is for contracts to find out.
func missing(e Evidence, w Window, s selector) Finding {
	return Finding{Verdict: DoesNotFit, Text: s.absence(e, w)}
}

// misfitting returns a finding that says all of them in a sentence.
func misfitting(found []misfit) Finding {
	var texts []string
	for _, m := range found {
		if !slices.Contains(texts, m.text) {
			texts = append(texts, m.text)
		}
	}
	return Finding{Verdict: DoesNotFit, Text: strings.Join(texts, "; ")}
}
