// Package identities has the assertions that two counts are equal: what the client did, and what
// the service, its log or its spans report of it.
//
// An [Identity] is one; package doubts says what else may explain a difference.
package identities

import (
	"context"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Identity is two exact counts over the whole run that must be equal: what the client knows it did,
// and what the service says; or two counts of the service, Other and Server, that count the same.
// Label sets are those of the results; one that is on one side only counts as 0 on the other.
type Identity struct {
	At     diag.Position `yaml:",position"`
	ID     string        `yaml:"id,required"`
	Client promql.Query  `yaml:"client"`          // PromQL: what the client counted
	Other  promql.Query  `yaml:"other"`           // instead of Client
	Server promql.Query  `yaml:"server,required"` // PromQL: what the service counted
	// Ambiguous is what may or may not have been counted: the server's count must lie in [client,
	// client + ambiguous]. A series of it with fewer labels widens the interval of every label set
	// that it fits.
	Ambiguous promql.Query `yaml:"ambiguous"`
	// Doubt makes a difference inconclusive when it is above 0: log lines or spans that were
	// dropped on the way here.
	Doubt promql.Query `yaml:"doubt"`
	// What names the counted things in findings, with labels in braces: "answers with {status}".
	What     string               `yaml:"what"`
	OnAbsent assertions.OnMissing `yaml:"on_missing"` // zero: a metric of the service that is not exposed before its first event counts as 0
	In       string               `yaml:"in"`         // always run
	Severity assertions.Severity  `yaml:"severity"`
	Why      string               `yaml:"why"`

	sameGrouping bool                           // known, where the queries do not show it
	instead      func([]facts.Family) *Identity // the identity that the labels of what is exposed allow; nil: this one
}

// UnmarshalNode implements diag.Unmarshaler.
func (i *Identity) UnmarshalNode(n diag.Node) error {
	type fields Identity
	f := fields{In: facts.Run, Severity: assertions.Failing}
	err := n.Decode(&f)
	*i = Identity(f)
	if err != nil {
		return err
	}
	var found diag.List
	if i.In != facts.Run {
		found = append(found, n.Errorf("an identity covers the whole run: a hit that straddles the edge of %q would be counted on one side only", i.In))
	}
	if i.Client.IsZero() == i.Other.IsZero() {
		found = append(found, n.Errorf(`want either "client" or "other"`))
	}
	for _, q := range []promql.Query{i.Client, i.Other, i.Server, i.Ambiguous} {
		if d, ok := q.Substitutes("what one side lacks counts as 0 already"); ok {
			found = append(found, d)
		}
		found = append(found, q.Inexact()...)
		if !i.Client.IsZero() {
			found = append(found, q.BareCounters()...)
		}
	}
	return found.Err()
}

// About implements Assertion.
func (i *Identity) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: i.ID, Kind: "identity", Why: i.Why, Severity: i.Severity,
		Window: facts.Run, Query: i.Server.String(),
		Position: i.At, Metrics: slices.Concat(i.Server.Metrics(), i.Other.Metrics())}, Bearing: assertions.Bearing{
		Queries:  []promql.Query{i.Client, i.Other, i.Server, i.Ambiguous, i.Doubt},
		Sides:    &assertions.Sides{Reference: i.reference(), Server: i.Server, Client: !i.Client.IsZero()},
		Compares: !i.Other.IsZero(), MayBeMissing: i.OnAbsent == assertions.ZeroWhenMissing || i.OnAbsent == assertions.PassWhenMissing}}

}

// reference is the side that the server's count is held against.
func (i *Identity) reference() promql.Query {
	if i.Other.IsZero() {
		return i.Client
	}
	return i.Other
}

// Judge implements Assertion.
func (i *Identity) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	if i.instead != nil {
		if other := i.instead(e.Families(w)); other != nil {
			return other.Judge(ctx, e)
		}
	}
	if missing, err := i.unknown(ctx, e, w); err != nil || len(missing) > 0 {
		return missing, err
	}
	unborn, err := i.unfit(ctx, e, w)
	if err != nil {
		return nil, err
	}
	if len(unborn) > 0 && !unborn.counts(i) {
		return []assertions.Finding{unborn.finding(i)}, nil
	}
	sides, err := i.ask(ctx, e, w)
	if err != nil {
		return nil, err
	}
	counts := sides.counts()
	if f, ok := i.vacuous(sides, counts, unborn); ok {
		return []assertions.Finding{f}, nil
	}
	findings := append(i.compare(counts), assertions.Warned(sides.client, sides.server, sides.ambiguous)...)
	went, err := doubts.Decreased(ctx, e, w, i.Server)
	if err != nil {
		return nil, err
	}
	if err := doubts.Lost(ctx, e, w, i.Doubt, findings); err != nil {
		return nil, err
	}
	for n, f := range findings {
		if f.Count == nil || f.Count.Difference > 0 {
			continue
		}
		if err := doubts.PassedOver(ctx, e, w, i.Client, &findings[n], -f.Count.Difference); err != nil {
			return nil, err
		}
	}
	if err := i.allow(ctx, e, findings); err != nil {
		return nil, err
	}
	if err := i.explain(ctx, e, w, findings); err != nil {
		return nil, err
	}
	if err := i.replicas(ctx, e, w, findings); err != nil {
		return nil, err
	}
	if err := i.span(ctx, e, findings); err != nil {
		return nil, err
	}
	excused := slices.ContainsFunc(went, func(f doubts.Fall) bool { return f.Verdict == assertions.Inconclusive })
	if !excused && slices.ContainsFunc(findings, accusesOfTooFew) {
		if excused, err = doubts.Restarted(ctx, e, w, i.Server); err != nil {
			return nil, err
		}
	}
	if excused {
		excuse(findings, went)
	}
	return assertions.Bounded(append(findings, doubts.FindingsOf(went)...)), nil
}
