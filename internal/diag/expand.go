package diag

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// expansion is what a scalar was before its references were replaced.
type expansion struct {
	raw   string
	names []string // of the variables
}

// reference is a variable in a text, or the escape of one. A dollar sign elsewhere is a dollar
// sign.
var reference = regexp.MustCompile(`\$?\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\})?`)

// Expand replaces ${NAME} and ${NAME:-default} in every value below the node, never in a key, by
// what lookup gives; $${ stands for ${. Diagnostics keep pointing at the text as it was written. An
// unquoted value that is a reference alone is then read as YAML reads it: a number may come from
// the environment, a list may not. Variables without value and default are reported together.
func (n Node) Expand(lookup func(name string) (string, bool)) error {
	var found List
	n.expand(lookup, &found)
	return found.Err()
}

func (n Node) expand(lookup func(string) (string, bool), found *List) {
	if n.y.Kind == scalar {
		n.expandScalar(lookup, found)
		return
	}
	for i, y := range n.y.Content {
		if n.y.Kind != yaml.MappingNode || i%2 == 1 {
			n.child(y).expand(lookup, found)
		}
	}
}

func (n Node) expandScalar(lookup func(string) (string, bool), found *List) {
	if !strings.Contains(n.y.Value, "${") {
		return
	}
	x := expansion{raw: n.y.Value}
	value := reference.ReplaceAllStringFunc(x.raw, func(text string) string {
		if strings.HasPrefix(text, "$$") {
			return text[1:]
		}
		m := reference.FindStringSubmatch(text)
		name := m[1]
		if name == "" {
			found.add(n, n.Errorf("want ${NAME} or ${NAME:-default}; a literal ${ is written $${"))
			return ""
		}
		x.names = append(x.names, name)
		value, ok := lookup(name)
		if m[2] != "" && value == "" {
			return m[3]
		}
		if !ok {
			value = text
			found.add(n, n.Errorf("the environment has no %s; set it, or give a default: ${%s:-…}", name, name))
		}
		return value
	})
	n.doc.expanded[n.y] = x
	n.y.Value = value
	const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle
	if n.y.Style&quoted == 0 {
		n.y.Tag = plainTag(value)
	}
}

// plainTag reports what YAML takes an unquoted text for. Nothing at all is text here: it stands
// where a value was meant.
func plainTag(text string) string {
	var doc yaml.Node
	if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 {
		return "!!str"
	}
	y := doc.Content[0]
	if y.Kind != scalar || y.Value != text || y.Style != 0 || y.Tag == "!!null" || y.Tag == "!!merge" {
		return "!!str"
	}
	return y.Tag
}

// Variables lists the names of the variables that were replaced in the node, if it is a scalar.
func (n Node) Variables() []string { return n.doc.expanded[n.resolved()].names }
