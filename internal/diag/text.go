package diag

import (
	"unicode/utf8"
)

// Text is a YAML scalar that remembers where it stands, so that a mistake inside it (in a PromQL
// expression, say) can be shown at its own place. The zero value is empty text at no place.
type Text struct {
	Value   string
	node    Node
	derived bool // the value is made of what was written
}

// With returns a text that was made of this one: what is wrong with it is shown where this one is.
func (t Text) With(value string) Text { return Text{value, t.node, true} }

// UnmarshalNode implements Unmarshaler.
func (t *Text) UnmarshalNode(n Node) error {
	if !n.IsScalar() || n.y.Tag == "!!null" {
		return n.Errorf("want text, got a%s %s", vowel(n.kind()), n.kind())
	}
	*t = Text{Value: n.y.Value, node: n}
	return nil
}

// String returns the text itself.
func (t Text) String() string { return t.Value }

// Variables lists the names of the variables whose values are part of the text.
func (t Text) Variables() []string {
	if t.node.IsZero() {
		return nil
	}
	return t.node.Variables()
}

// Position returns the place where the text begins, and the zero Position for text that came from
// no source.
func (t Text) Position() Position {
	if t.node.IsZero() {
		return Position{}
	}
	return t.node.Position()
}

// Errorf makes a diagnostic that underlines the whole text.
func (t Text) Errorf(format string, args ...any) Diagnostic {
	return t.ErrorAt(0, utf8.RuneCountInString(t.Value), format, args...)
}

// ErrorAt makes a diagnostic that underlines width runes from a byte offset into Value. Where
// references were replaced in the text, the place is that of the text as a whole.
func (t Text) ErrorAt(offset, width int, format string, args ...any) Diagnostic {
	if t.node.IsZero() {
		return (&Source{Name: "expression", Text: []byte(t.Value)}).At(1, 1, 1, format, args...)
	}
	if _, changed := t.node.doc.expanded[t.node.y]; changed || t.derived {
		return t.node.Errorf(format, args...)
	}
	c := t.node.cursor()
	for _, r := range t.Value[:min(max(0, offset), len(t.Value))] {
		c.step(r)
	}
	if offset < len(t.Value) {
		c.settle()
	}
	return t.node.Source().At(c.line, c.column, width, format, args...)
}
