package diag

import (
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

const scalar = yaml.ScalarNode

// Node is a place in a YAML document that can be decoded or complained about.
type Node struct {
	doc *tree
	y   *yaml.Node
}

// tree is what the nodes of a document have in common. Most were read from its own text; those that
// came by include or from the command
// line remember theirs.
type tree struct {
	own      *Source
	foreign  map[*yaml.Node]*Source
	expanded map[*yaml.Node]expansion
}

func (n Node) child(y *yaml.Node) Node { return Node{n.doc, y} }

// Source returns the text that the node is part of.
func (n Node) Source() *Source {
	if src, ok := n.doc.foreign[n.y]; ok {
		return src
	}
	return n.doc.own
}

// Position returns the place where the node begins.
func (n Node) Position() Position {
	return Position{File: n.Source().Name, Line: n.y.Line, Column: n.y.Column}
}

// Errorf makes a diagnostic that underlines the node.
func (n Node) Errorf(format string, args ...any) Diagnostic {
	width := 1
	if n.y.Kind == scalar && n.y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		width = utf8.RuneCountInString(n.raw())
		if n.y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			width += 2
		}
	}
	return n.Source().At(n.y.Line, n.y.Column, width, format, args...)
}

// raw returns a scalar's text as it was before references in it were replaced.
func (n Node) raw() string {
	if x, ok := n.doc.expanded[n.y]; ok {
		return x.raw
	}
	return n.y.Value
}

// IsScalar reports whether the node is a single value.
func (n Node) IsScalar() bool { return n.resolved().Kind == scalar }

// IsMapping reports whether the node is a mapping.
func (n Node) IsMapping() bool { return n.resolved().Kind == yaml.MappingNode }

// IsSequence reports whether the node is a list.
func (n Node) IsSequence() bool { return n.resolved().Kind == yaml.SequenceNode }

// IsZero reports whether the node is absent from its document.
func (n Node) IsZero() bool { return n.y == nil }

// Scalar returns the text of a scalar node, unquoted; it is empty for any other.
func (n Node) Scalar() string { return n.resolved().Value }

func (n Node) resolved() *yaml.Node {
	y := n.y
	for y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	return y
}

func (n Node) kind() string {
	switch n.y.Kind {
	case yaml.MappingNode:
		return "mapping"
	case yaml.SequenceNode:
		return "list"
	default:
		if n.y.Tag == "!!null" {
			return "empty value"
		}
		return "value"
	}
}

// Keys lists the keys of a mapping, in the order of the text; nothing of any other node.
func (n Node) Keys() []Node {
	var keys []Node
	if y := n.resolved(); y.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(y.Content); i += 2 {
			keys = append(keys, n.child(y.Content[i]))
		}
	}
	return keys
}

// Items lists the items of a list; nothing of any other node.
func (n Node) Items() []Node {
	var items []Node
	if y := n.resolved(); y.Kind == yaml.SequenceNode {
		for _, item := range y.Content {
			items = append(items, n.child(item))
		}
	}
	return items
}

// Tag returns the type that YAML takes the node for: "!!str", "!!int", "!!timestamp".
func (n Node) Tag() string { return n.resolved().ShortTag() }

// Pair is a key of a mapping and its value.
type Pair struct{ Key, Value Node }

// Pairs lists the keys and values of a mapping in the order of the text, those that it merges
// ("<<") after its own. Keys that are no text, or given twice, are mistakes.
func (n Node) Pairs(found *List) []Pair {
	n.y = n.resolved()
	var pairs []Pair
	var merged []Node
	seen := n.pairs(found, func(key, value Node) {
		if key.Tag() == "!!merge" {
			merged = append(merged, value)
			return
		}
		pairs = append(pairs, Pair{key, value})
	})
	for _, value := range merged {
		from := []Node{value}
		if value.IsSequence() {
			from = value.Items()
		}
		for _, mapping := range from {
			if !mapping.IsMapping() {
				found.add(mapping, mapping.Errorf("want a mapping to merge, got a%s %s", vowel(mapping.kind()),
					mapping.kind()))
				continue
			}
			for _, pair := range mapping.Pairs(found) {
				if !seen[pair.Key.Scalar()] {
					seen[pair.Key.Scalar()] = true
					pairs = append(pairs, pair)
				}
			}
		}
	}
	return pairs
}

// UnmarshalNode keeps the node itself, for a part of a document that another package reads later.
func (n *Node) UnmarshalNode(m Node) error { *n = m; return nil }
