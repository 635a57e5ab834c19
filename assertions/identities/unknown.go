package identities

import (
	"context"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// unknown returns a finding for every log, span and request that the identity counts and the run
// did not have: there is no 0 to compare with.
func (i *Identity) unknown(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	var findings []assertions.Finding
	for _, q := range []promql.Query{i.Server, i.reference()} {
		for _, metric := range q.Metrics() {
			why := doubts.NotTaken(metric)
			if why == "" {
				continue
			}
			there, err := promql.Present(ctx, e, w, metric)
			if err != nil {
				return nil, err
			}
			if !there {
				findings = append(findings, assertions.Finding{Verdict: assertions.Inconclusive,
					Text: why + ": nothing to reconcile with"})
			}
		}
	}
	if len(findings) > 0 {
		return findings, nil
	}
	return absent(ctx, e, w, i.Client)
}

// absent returns a finding for every request or credential that a query of the client's counts and
// the run did not have: that there were no such hits is not for the service to say.
func absent(ctx context.Context, e facts.Evidence, w facts.Window, q promql.Query) ([]assertions.Finding, error) {
	var findings []assertions.Finding
	for _, s := range q.Selectors() {
		for _, m := range s.Matchers {
			if !facts.OfClient(s.Metric) || m.Type != labels.MatchEqual ||
				!slices.Contains([]string{"request", "credential"}, m.Name) {
				continue
			}
			there, err := promql.Present(ctx, e, w, fmt.Sprintf("%s{%s=%q}", s.Metric, m.Name, m.Value))
			if err != nil {
				return nil, err
			}
			if !there {
				findings = append(findings, assertions.Finding{Verdict: assertions.Inconclusive,
					Text: fmt.Sprintf("no hit of the run has the %s %q: nothing to reconcile with", m.Name, m.Value)})
			}
		}
	}
	return findings, nil
}
