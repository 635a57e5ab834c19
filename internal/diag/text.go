package diag

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Text is a YAML scalar that remembers where it stands, so that a mistake inside it (in a PromQL expression, say) can be
// shown at its own place. The zero value is empty text at no place.
type Text struct {
	Value string
	node  Node
}

// UnmarshalNode implements Unmarshaler.
func (t *Text) UnmarshalNode(n Node) error {
	if !n.IsScalar() || n.y.Tag == "!!null" {
		return n.Errorf("want text, got a%s %s", vowel(n.kind()), n.kind())
	}
	*t = Text{n.y.Value, n}
	return nil
}

// String gives the text itself.
func (t Text) String() string { return t.Value }

// Position gives the place where the text begins, and the zero Position for text that came from no source.
func (t Text) Position() Position {
	if t.node.src == nil {
		return Position{}
	}
	return t.node.Position()
}

// Errorf makes a diagnostic that underlines the whole text.
func (t Text) Errorf(format string, args ...any) Diagnostic {
	return t.ErrorAt(0, utf8.RuneCountInString(t.Value), format, args...)
}

// ErrorAt makes a diagnostic that underlines width runes from a byte offset into Value. In folded scalars the place is that
// of the scalar: folding does not keep columns.
func (t Text) ErrorAt(offset, width int, format string, args ...any) Diagnostic {
	if t.node.src == nil {
		d := (&Source{Name: "expression", Text: []byte(t.Value)}).At(1, 1, 1, format, args...)
		return d
	}
	offset = min(max(0, offset), len(t.Value))
	before := t.Value[:offset]
	line, column := t.node.y.Line, t.node.y.Column
	switch {
	case t.node.y.Style&yaml.LiteralStyle != 0:
		line += 1 + strings.Count(before, "\n")
		source := t.node.src.line(line)
		indent := len(source) - len(strings.TrimLeft(source, " "))
		if first := t.node.src.line(t.node.y.Line + 1); strings.Count(before, "\n") > 0 {
			indent = len(first) - len(strings.TrimLeft(first, " "))
		}
		column = indent + 1 + utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:])
	case t.node.y.Style&yaml.FoldedStyle != 0:
		return t.node.src.At(line, column, 1, format, args...)
	case t.node.y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		column += 1 + utf8.RuneCountInString(before)
	default:
		column += utf8.RuneCountInString(before)
	}
	return t.node.src.At(line, column, width, format, args...)
}
