package assertions

import (
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v4"
)

// maxListed is how many values of a label a generated contract lists; a label with more gets a pattern that allows any, to be tightened by hand.
const maxListed = 24

// Generate writes down what was exposed as a contract. Of a family with several shapes the first stands. A contract that is passed as old
// keeps what was tightened by hand: its patterns, lists and bounds where what was seen satisfies them, its optional families, and what it ignores.
func Generate(families []Family, old *Contract) *Contract {
	c := &Contract{Families: map[string]*Promise{}}
	if old != nil {
		c.Ignore = old.Ignore
	}
	for _, f := range families {
		if c.Families[f.Name] != nil || slices.ContainsFunc(c.Ignore, func(p Pattern) bool { return p.expr.MatchString(f.Name) }) {
			continue
		}
		f = f.promisable()
		p := promise(f)
		if old != nil && old.Families[f.Name] != nil {
			p.keep(old.Families[f.Name], f)
		}
		c.Families[f.Name] = p
	}
	if old != nil {
		for name, p := range old.Families {
			if c.Families[name] == nil && p.Optional {
				c.Families[name] = p
			}
		}
	}
	return c
}

func promise(f Family) *Promise {
	p := &Promise{Type: f.Type, Help: f.Help, Unit: f.Unit, Labels: map[string]Values{}, Series: 2 * f.Series}
	for label, values := range f.Labels {
		v := Values{OneOf: slices.Clone(values)}
		if len(values) > maxListed {
			anything := &Pattern{}
			if err := anything.UnmarshalText([]byte(".+")); err != nil {
				panic("assertions: " + err.Error())
			}
			v = Values{Pattern: anything}
		}
		p.Labels[label] = v
	}
	return p
}

// keep takes over what the old promise says, as far as the family keeps it.
func (p *Promise) keep(old *Promise, f Family) {
	p.Optional = old.Optional
	if old.Help == "" {
		p.Help = ""
	}
	if old.Series == 0 || old.Series >= f.Series {
		p.Series = old.Series
	}
	for label, values := range old.Labels {
		seen, there := f.Labels[label]
		if there && !slices.ContainsFunc(seen, func(value string) bool { return !values.allows(value) }) {
			p.Labels[label] = values
		}
	}
}

// Write writes the contract as YAML that LoadContract reads back.
func (c *Contract) Write(w io.Writer) error {
	type promised struct {
		Type     string         `yaml:"type"`
		Help     string         `yaml:"help,omitempty"`
		Unit     string         `yaml:"unit,omitempty"`
		Labels   map[string]any `yaml:"labels,omitempty"`
		Series   int            `yaml:"series,omitempty"`
		Optional bool           `yaml:"optional,omitempty"`
	}
	doc := struct {
		Families map[string]promised `yaml:"families"`
		Ignore   []string            `yaml:"ignore,omitempty"`
	}{Families: map[string]promised{}}
	for name, p := range c.Families {
		labels := map[string]any{}
		for label, values := range p.Labels {
			labels[label] = values.OneOf
			if values.Pattern != nil {
				labels[label] = values.Pattern.String()
			}
		}
		doc.Families[name] = promised{p.Type, p.Help, p.Unit, labels, p.Series, p.Optional}
	}
	for _, p := range c.Ignore {
		doc.Ignore = append(doc.Ignore, p.String())
	}
	text, err := yaml.Dump(doc, yaml.WithIndent(2))
	if err != nil {
		return fmt.Errorf("write contract: %w", err)
	}
	_, err = w.Write(text)
	return err
}
