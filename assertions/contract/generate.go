package contract

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v4"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// maxListed is how many values of a label a generated contract lists; a label with more gets the
// narrowest of a few patterns that fits them all.
const maxListed = 24

// narrow are those patterns.
var narrow = []string{`\d+`, `[a-z]+`, `[a-z0-9_]+`, `\w+`, `[\w./:{}-]+`, `.+`}

// Generate writes down what was exposed as a contract, over any number of expositions. A family
// that some of them did not have is optional. Of a family with several shapes the first stands. A
// contract that is passed as old keeps what was tightened by hand: its patterns, lists and bounds
// where what was seen satisfies them, its optional families, and what it ignores. Families of a
// language's runtime change with their libraries' versions: they are promised only where the old
// contract promises them.
func Generate(families []facts.Family, old *Contract) *Contract {
	c := &Contract{Families: map[string]*Promise{}}
	if old != nil {
		c.Ignore = old.Ignore
	}
	expositions := 0
	for _, f := range families {
		expositions = max(expositions, f.Scrapes)
	}
	for _, f := range families {
		if c.Families[f.Name] != nil || c.ignores(f.Name) || facts.OfRuntime(f.Name) && !old.promises(f.Name) {
			continue
		}
		f = f.Promisable()
		p := promise(f)
		p.Optional = f.Scrapes < expositions
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

// promises reports whether the contract has the family. A nil contract has none.
func (c *Contract) promises(name string) bool { return c != nil && c.Families[name] != nil }

// fitting returns the narrowest pattern that all values match.
func fitting(values []string) *diag.Pattern {
	for _, text := range narrow {
		p := diag.MustPattern(text)
		if !slices.ContainsFunc(values, func(value string) bool { return !p.Matches(value) }) {
			return &p
		}
	}
	p := diag.MustPattern(`(?s).*`)
	return &p
}

// transient are patterns of values that are others tomorrow: versions, revisions, ports, addresses,
// and ids of processes, hosts and instances. A contract promises their form.
var transient = []struct{ label, value *regexp.Regexp }{
	{regexp.MustCompile(`(?i)version|release|build`), regexp.MustCompile(`^(?:v?\d+(\.\d+)+[\w.+-]*)$`)},
	{regexp.MustCompile(`(?i)version|^go`), regexp.MustCompile(`^(?:go\d[\w.+-]*)$`)},
	{regexp.MustCompile(`(?i)revision|commit|sha|hash|build`), regexp.MustCompile(`^(?:[0-9a-f]{7,64}\w*)$`)},
	{regexp.MustCompile(`(?i)port$`), regexp.MustCompile(`^(?:\d+)$`)},
	{regexp.MustCompile(`(?i)^pid$|_pid$`), regexp.MustCompile(`^(?:\d+)$`)},
	{regexp.MustCompile(`(?i)^(?:.+_)?(?:pod|host|instance|container)(?:_?name|_id)?$`), regexp.MustCompile(`.`)},
	{regexp.MustCompile(``),
		regexp.MustCompile(`^(?:[\w.]+[-_:])*(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,64})$`)},
	{regexp.MustCompile(``), regexp.MustCompile(`^(?:\w+://)?(?:(\d{1,3}\.){3}\d{1,3}|\[[0-9a-fA-F:.]+\]|localhost|[\w.-]+:\d+)(?::\d+)?/?$`)},
}

// passing returns a pattern for values that are versions, revisions, ports or addresses, and nil
// for others.
func passing(label string, values []string) *diag.Pattern {
	for _, t := range transient {
		other := func(value string) bool { return !t.value.MatchString(value) }
		if t.label.MatchString(label) && len(values) > 0 && !slices.ContainsFunc(values, other) {
			p := diag.MustPattern(`.+`)
			return &p
		}
	}
	return nil
}

func promise(f facts.Family) *Promise {
	p := &Promise{Type: f.Type, Help: f.Help, Unit: f.Unit, Labels: map[string]Values{}, Series: 2 * f.Series}
	for label, values := range f.Labels {
		v := Values{OneOf: slices.Clone(values)}
		if len(values) > maxListed {
			v = Values{Pattern: fitting(values)}
		}
		if p := passing(label, values); p != nil {
			v = Values{Pattern: p}
		}
		p.Labels[label] = v
	}
	return p
}

// keep takes over what the old promise says, as far as the family keeps it.
func (p *Promise) keep(old *Promise, f facts.Family) {
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

// WithComments returns a contract's text, as Write wrote it, with the comments that an older text
// has beside the same fields.
func WithComments(text, older []byte) ([]byte, error) {
	var to, from yaml.Node
	if err := yaml.Unmarshal(text, &to); err != nil {
		return nil, fmt.Errorf("write contract: %w", err)
	}
	if err := yaml.Unmarshal(older, &from); err != nil {
		return nil, fmt.Errorf("write contract: %w", err)
	}
	comment(&to, &from)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&to); err != nil {
		return nil, fmt.Errorf("write contract: %w", err)
	}
	return out.Bytes(), encoder.Close()
}

// comment copies the comments of a node and of what it has in common with the other below it.
func comment(to, from *yaml.Node) {
	to.HeadComment, to.LineComment, to.FootComment = from.HeadComment, from.LineComment, from.FootComment
	if to.Kind != from.Kind {
		return
	}
	switch to.Kind {
	case yaml.DocumentNode:
		comment(to.Content[0], from.Content[0])
	case yaml.MappingNode:
		for i := 0; i+1 < len(to.Content); i += 2 {
			for j := 0; j+1 < len(from.Content); j += 2 {
				if to.Content[i].Value == from.Content[j].Value {
					comment(to.Content[i], from.Content[j])
					comment(to.Content[i+1], from.Content[j+1])
				}
			}
		}
	}
}
