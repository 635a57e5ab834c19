package checks

import (
	"context"
	"slices"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Exposition is something that any exposition must be or do, whatever it says: it can be read, it
// is of now, its counters only go up.
type Exposition struct {
	At       diag.Position       `yaml:",position"`
	ID       string              `yaml:"id,required"`
	Must     diag.Text           `yaml:"must,required"` // the name of a trait
	Except   []diag.Pattern      `yaml:"except"`        // names of families of which nothing is asked
	AtMost   quantity.Amount     `yaml:"at_most"`       // be of now: how old the exposition may be, 2s unless said
	Severity assertions.Severity `yaml:"severity"`
	Why      string              `yaml:"why"`

	trait trait
}

// trait is what a good exposition has.
type trait struct {
	name   string
	window string
	judge  func(*Exposition, context.Context, facts.Evidence, facts.Window) ([]assertions.Finding, error)
}

// traits are those that there are; each has a file of its own.
var traits = []trait{
	{"be readable", facts.Scraped, (*Exposition).readable},
	{ofNow, facts.Scraped, (*Exposition).fresh},
	{"be prompt", facts.Scraped, (*Exposition).prompt},
	{"be well formed", facts.Scraped, (*Exposition).wellFormed},
	{"only count up", facts.Run, (*Exposition).onlyUp},
	{"come to rest", facts.Idle, (*Exposition).atRest},
	{"be plausible", facts.Run, (*Exposition).plausible},
	{"be measured", facts.Run, (*Exposition).measured},
	{"follow conventions", facts.Run, (*Exposition).conventional},
	{"keep its size", facts.Run, (*Exposition).bounds},
}

// UnmarshalNode implements diag.Unmarshaler.
func (x *Exposition) UnmarshalNode(n diag.Node) error {
	type fields Exposition
	f := fields{Severity: assertions.Failing}
	err := n.Decode(&f)
	*x = Exposition(f)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(traits, func(t trait) bool { return t.name == x.Must.Value })
	if i < 0 {
		known := make([]string, len(traits))
		for i, t := range traits {
			known[i] = t.name
		}
		return x.Must.Errorf("an exposition must do nothing of the name %q%s", x.Must.Value,
			diag.DidYouMean(x.Must.Value, known))
	}
	x.trait = traits[i]
	given := x.AtMost != (quantity.Amount{})
	switch {
	case !given:
		x.AtMost.Value, x.AtMost.Unit = freshFor, "s"
	case x.trait.name != ofNow:
		return n.Errorf("at_most belongs to %q alone", ofNow)
	case x.AtMost.Unit != "s" || x.AtMost.Value <= 0:
		return n.Errorf("at_most: want a duration above 0, like 15s")
	}
	return nil
}

// About implements Assertion.
func (x *Exposition) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: x.ID, Kind: "exposition", Why: x.Why, Severity: x.Severity,
		Window: x.trait.window, Query: "the exposition must " + x.trait.name, Position: x.At}}
}

// Judge implements Assertion.
func (x *Exposition) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(x.trait.window)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	findings, err := x.trait.judge(x, ctx, e, w)
	return assertions.Bounded(findings), err
}

// excepts reports whether nothing is asked of the family that a metric belongs to.
func (x *Exposition) excepts(metric string) bool {
	return slices.ContainsFunc(x.Except, func(p diag.Pattern) bool { return p.Matches(facts.FamilyOf(metric)) })
}

// notScraped is the finding where nothing is known of the scrapes.
func notScraped() []assertions.Finding {
	return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: "it is not known how the scrapes went"}}
}

// amongSeveral returns the text of a finding about an endpoint, which is named when there are
// several.
func amongSeveral(f assertions.Finding, endpoints int) string {
	if endpoints < 2 {
		return f.Text
	}
	return facts.Prefix(f.Series, f.Text)
}
