package assertions

import (
	"context"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

// unknown returns a finding for every log, span and request that the identity counts and the run did not have: there is no 0 to compare with.
func (i *Identity) unknown(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	var findings []Finding
	for _, q := range []Query{i.Server, i.reference()} {
		for _, metric := range q.metrics() {
			why := notTaken(metric)
			if why == "" {
				continue
			}
			there, err := present(ctx, e, w, metric)
			if err != nil {
				return nil, err
			}
			if !there {
				findings = append(findings, Finding{Verdict: Inconclusive, Text: why + ": nothing to reconcile with"})
			}
		}
	}
	if len(findings) > 0 {
		return findings, nil
	}
	return nobody(ctx, e, w, i.Client)
}

// nobody gives a finding for every request or credential that a query of the client's counts and the run did not have: that there were no such hits is not
// for the service to say.
func nobody(ctx context.Context, e Evidence, w Window, q Query) ([]Finding, error) {
	var findings []Finding
	for _, s := range q.selectors() {
		for _, m := range s.matchers {
			if !clientSeries(s.metric) || m.Type != labels.MatchEqual || !slices.Contains([]string{"request", "credential"}, m.Name) {
				continue
			}
			there, err := present(ctx, e, w, fmt.Sprintf("%s{%s=%q}", s.metric, m.Name, m.Value))
			if err != nil {
				return nil, err
			}
			if !there {
				findings = append(findings, Finding{Verdict: Inconclusive, Text: fmt.Sprintf("no hit of the run has the %s %q: nothing to reconcile with", m.Name, m.Value)})
			}
		}
	}
	return findings, nil
}
