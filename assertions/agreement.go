package assertions

import (
	"context"

	"brrtload/internal/diag"
)

// Agreement is two views of one thing that must fit together. Exactly one of its forms is given; each has a file of its own.
type Agreement struct {
	At       diag.Position `yaml:",position"`
	ID       string        `yaml:"id,required"`
	Within   *Within       `yaml:"within"`     // one histogram lies below another, bound by bound
	Little   *Little       `yaml:"little"`     // queue depth, arrival rate and wait fit Little's law
	Close    *Close        `yaml:"close"`      // what is reported is close to what was observed from outside
	Balance  *Balance      `yaml:"balance"`    // an expression that is 0 at every scrape
	InFlight *InFlight     `yaml:"in_flight"`  // a gauge that shows the requests in flight
	Shape    *Shape        `yaml:"histograms"` // histograms that are consistent in themselves: all, or their names
	Severity Severity      `yaml:"severity"`
	Why      string        `yaml:"why"`

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
	bearing() Bearing
	judge(ctx context.Context, e Evidence, w Window) ([]Finding, error)
}

// UnmarshalNode implements diag.Unmarshaler.
func (a *Agreement) UnmarshalNode(n diag.Node) error {
	type fields Agreement
	f := fields{Severity: Failing}
	err := n.Decode(&f)
	*a = Agreement(f)
	if err != nil {
		return err
	}
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
	if len(forms) != 1 {
		return n.Errorf("want exactly one of within, little, close, balance, in_flight and histograms, got %d", len(forms))
	}
	a.form = forms[0]
	return nil
}

// About implements Assertion.
func (a *Agreement) About() About {
	if a.form == nil { // it was read with a mistake
		return About{Heading: Heading{ID: a.ID, Kind: "agreement", Position: a.At}}
	}
	return About{Heading{ID: a.ID, Kind: "agreement", Why: a.Why, Severity: a.Severity, Window: a.form.window(), Query: a.form.query(), Position: a.At,
		Metrics: a.form.metrics()},
		a.form.bearing()}
}

// Judge implements Assertion.
func (a *Agreement) Judge(ctx context.Context, e Evidence) ([]Finding, error) {
	w, ok := e.Window(a.form.window())
	if !ok {
		return []Finding{noWindow(w)}, nil
	}
	findings, err := a.form.judge(ctx, e, w)
	return bounded(findings), err
}
