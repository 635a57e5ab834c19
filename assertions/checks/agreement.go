// Package checks has the kinds of assertion: budgets, liveness, returns to baseline, agreements,
// expositions, log events, spans and secrets. Identities are in package identities.
//
// A kind is a type with About and Judge in a file of its name. What it says of itself in About is
// all that package assertions, the judge, knows of it.
package checks

import (
	"context"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Agreement is two views of one thing that must fit together. Exactly one of its forms is given;
// each has a file of its own.
type Agreement struct {
	At       diag.Position       `yaml:",position"`
	ID       string              `yaml:"id,required"`
	Within   *Within             `yaml:"within"`     // one histogram lies below another, bound by bound
	Little   *Little             `yaml:"little"`     // queue depth, arrival rate and wait fit Little's law
	Close    *Close              `yaml:"close"`      // what is reported is close to what was observed from outside
	Balance  *Balance            `yaml:"balance"`    // an expression that is 0 at every scrape
	InFlight *InFlight           `yaml:"in_flight"`  // a gauge that shows the requests in flight
	Shape    *Shape              `yaml:"histograms"` // histograms that are consistent in themselves: all, or their names
	Severity assertions.Severity `yaml:"severity"`
	Why      string              `yaml:"why"`

	form form
}

// form is one way to agree.
type form interface {
	// query is what a report shows.
	query() string
	// metrics are those that a disagreement accuses.
	metrics() []string
	window() string
	// bearing is what the judge goes by.
	bearing() assertions.Bearing
	judge(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error)
}

// UnmarshalNode implements diag.Unmarshaler.
func (a *Agreement) UnmarshalNode(n diag.Node) error {
	type fields Agreement
	f := fields{Severity: assertions.Failing}
	err := n.Decode(&f)
	*a = Agreement(f)
	if err != nil {
		return err
	}
	forms := a.forms()
	if len(forms) != 1 {
		return n.Errorf("want exactly one of within, little, close, balance, in_flight and histograms, got %d",
			len(forms))
	}
	a.form = forms[0]
	return nil
}

// forms lists the forms that are given.
func (a *Agreement) forms() []form {
	var forms []form
	if a.Within != nil {
		forms = append(forms, a.Within)
	}
	if a.Little != nil {
		forms = append(forms, a.Little)
	}
	if a.Close != nil {
		forms = append(forms, a.Close)
	}
	if a.Balance != nil {
		forms = append(forms, a.Balance)
	}
	if a.InFlight != nil {
		forms = append(forms, a.InFlight)
	}
	if a.Shape != nil {
		forms = append(forms, a.Shape)
	}
	return forms
}

// Formed returns an agreement that is not read from a file, ready to judge: one form is given.
func Formed(a Agreement) *Agreement {
	a.form = a.forms()[0]
	return &a
}

// About implements Assertion.
func (a *Agreement) About() assertions.About {
	if a.form == nil { // it was read with a mistake
		return assertions.About{Heading: assertions.Heading{ID: a.ID, Kind: "agreement", Position: a.At}}
	}
	return assertions.About{Heading: assertions.Heading{ID: a.ID, Kind: "agreement", Why: a.Why, Severity: a.Severity,
		Window: a.form.window(), Query: a.form.query(), Position: a.At,
		Metrics: a.form.metrics()}, Bearing: a.form.bearing()}

}

// Judge implements Assertion.
func (a *Agreement) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(a.form.window())
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	findings, err := a.form.judge(ctx, e, w)
	return assertions.Bounded(findings), err
}
