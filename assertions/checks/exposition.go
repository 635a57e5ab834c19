package checks

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Exposition is a check of an exposition as such, whatever it says: it can be read, it is fresh, its
// counters only go up.
type Exposition struct {
	At       diag.Position       `yaml:",position"`
	ID       string              `yaml:"id,required"`
	Check    diag.Text           `yaml:"check,required"` // the name of a trait
	Except   []diag.Pattern      `yaml:"except"`         // names of families of which nothing is asked
	AtMost   quantity.Amount     `yaml:"at_most"`        // fresh: how old the exposition may be, 2s unless said
	Severity assertions.Severity `yaml:"severity"`
	Why      string              `yaml:"why"`

	trait trait
}

// trait is what a good exposition has. It was written as a clause formerly, under the key must.
type trait struct {
	name   string
	former string
	window string
	judge  func(*Exposition, context.Context, facts.Evidence, facts.Window) ([]assertions.Finding, error)
	raw    bool // it is seen in the expositions themselves alone
}

// traits are those that there are; each has a file of its own.
var traits = []trait{
	{"readable", "be readable", facts.Scraped, (*Exposition).readable, false},
	{fresh, "be of now", facts.Scraped, (*Exposition).fresh, true},
	{"timely", "be prompt", facts.Scraped, (*Exposition).prompt, true},
	{"well-formed", "be well formed", facts.Scraped, (*Exposition).wellFormed, true},
	{"monotonic", "only count up", facts.Run, (*Exposition).onlyUp, false},
	{"quiescent", "come to rest", facts.Idle, (*Exposition).atRest, false},
	{"plausible", "be plausible", facts.Run, (*Exposition).plausible, false},
	{"measured", "be measured", facts.Run, (*Exposition).measured, false},
	{"conventional", "follow conventions", facts.Run, (*Exposition).conventional, false},
	{"bounded-cardinality", "keep its size", facts.Run, (*Exposition).bounds, false},
}

// UnmarshalNode implements diag.Unmarshaler.
func (x *Exposition) UnmarshalNode(n diag.Node) error {
	if err := renamed(n); err != nil {
		return err
	}
	type fields Exposition
	f := fields{Severity: assertions.Failing}
	err := n.Decode(&f)
	*x = Exposition(f)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(traits, func(t trait) bool { return t.name == x.Check.Value })
	if i < 0 {
		known := make([]string, len(traits))
		for i, t := range traits {
			known[i] = t.name
		}
		return x.Check.Errorf("unknown check %q%s; want one of %s", x.Check.Value,
			diag.DidYouMean(x.Check.Value, known), strings.Join(known, ", "))
	}
	x.trait = traits[i]
	given := x.AtMost != (quantity.Amount{})
	switch {
	case !given:
		x.AtMost.Value, x.AtMost.Unit = freshFor, "s"
	case x.trait.name != fresh:
		return n.Errorf("at_most belongs to %q alone", fresh)
	case x.AtMost.Unit != "s" || x.AtMost.Value <= 0:
		return n.Errorf("at_most: want a duration above 0, like 15s")
	}
	return nil
}

// renamed returns an error for a check in its former words, with the present ones.
func renamed(n diag.Node) error {
	must, ok := n.Get("must")
	if !ok {
		return nil
	}
	if i := slices.IndexFunc(traits, func(t trait) bool { return t.former == must.Scalar() || t.name == must.Scalar() }); i >= 0 {
		return must.Errorf("%q is now written check: %s", "must: "+must.Scalar(), traits[i].name)
	}
	return nil
}

// former matches a check in its former words, which are its last group.
var former = func() *regexp.Regexp {
	var words []string
	for _, t := range traits {
		words = append(words, regexp.QuoteMeta(t.former))
	}
	return regexp.MustCompile(`\bmust:\s*["']?(` + strings.Join(words, "|") + `)\b["']?`)
}()

// Present returns the text of an assertions file with the checks of expositions in their present
// words. A run that was kept when they were others can so be judged again.
func Present(text []byte) []byte {
	return former.ReplaceAllFunc(text, func(found []byte) []byte {
		words := string(former.FindSubmatch(found)[1])
		i := slices.IndexFunc(traits, func(t trait) bool { return t.former == words })
		return []byte("check: " + traits[i].name)
	})
}

// About implements Assertion.
func (x *Exposition) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: x.ID, Kind: "exposition", Why: x.Why, Severity: x.Severity,
		Window: x.trait.window, Query: "exposition check: " + x.trait.name, Position: x.At}}
}

// Judge implements Assertion.
func (x *Exposition) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(x.trait.window)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	if x.trait.raw {
		if by, is, err := doubts.RelayedBy(ctx, e); err != nil || is {
			return by.Unseen(), err
		}
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
	return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: "the outcome of the scrapes is unknown"}}
}

// amongSeveral returns the text of a finding about an endpoint, which is named when there are
// several.
func amongSeveral(f assertions.Finding, endpoints int) string {
	if endpoints < 2 {
		return f.Text
	}
	return facts.Prefix(f.Series, f.Text)
}
