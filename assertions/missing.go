package assertions

import (
	"context"
	"slices"
	"strings"

	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// absent gives a finding for every required selector of a query that matched no series in the
// window.
func Absent(ctx context.Context, e facts.Evidence, w facts.Window, q promql.Query) ([]Finding, error) {
	var findings []Finding
	for _, s := range q.Selectors() {
		there, err := promql.Present(ctx, e, w, s.Text)
		if err != nil {
			return nil, err
		}
		if s.Required && !there {
			findings = append(findings, Missing(e, w, s))
		}
	}
	return findings, nil
}

// missing is the finding where a metric that telemetry should have is not there. Nothing was shown
// to be untrue: it may have been misspelt, here or there. That a service exposes what it promises
// is for contracts to find out.
func Missing(e facts.Evidence, w facts.Window, s promql.Selector) Finding {
	return Finding{Verdict: DoesNotFit, Text: s.Absence(e, w)}
}

// misfitting returns a finding that says all of them in a sentence.
func Misfitting(found []promql.Misfit) Finding {
	var texts []string
	for _, m := range found {
		if !slices.Contains(texts, m.Text) {
			texts = append(texts, m.Text)
		}
	}
	return Finding{Verdict: DoesNotFit, Text: strings.Join(texts, "; ")}
}
