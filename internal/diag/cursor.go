package diag

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// cursor walks through a scalar as it is written while its value is read rune by rune, to find
// where in the text a part of the value stands: values are unescaped, and those of several lines
// are folded.
type cursor struct {
	src          *Source
	style        yaml.Style
	line, column int
	rest         []rune // of the line
	indent       int    // of the lines of a block; -1 when all white space before a line is none of its text
}

// cursor returns one at the beginning of the node's text.
func (n Node) cursor() *cursor {
	c := &cursor{src: n.Source(), style: n.y.Style, line: n.y.Line, indent: -1}
	c.column = n.y.Column
	if c.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		// the first that is not blank says how deep the block is
		for line := c.line + 1; line <= c.line+strings.Count(n.y.Value, "\n")+2; line++ {
			if text := c.src.line(line); strings.TrimSpace(text) != "" {
				first := strings.TrimLeft(n.raw(), "\n") // its own spaces are not the block's
				c.indent = len(text) - len(strings.TrimLeft(text, " ")) - len(first) + len(strings.TrimLeft(first, " "))
				break
			}
		}
		c.next()
		return c
	}
	c.rest = c.text()
	c.skip(c.column - 1)
	if n.y.Anchor != "" || c.style&yaml.TaggedStyle != 0 {
		c.properties()
	}
	if c.style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		c.skip(1)
		c.column++
	}
	return c
}

// text returns the line, without the white space at its end where that is none of a value's text.
func (c *cursor) text() []rune {
	line := c.src.line(c.line)
	if trimmed := strings.TrimRight(line, " \t"); c.indent < 0 && !strings.HasSuffix(trimmed, `\`) {
		line = trimmed
	}
	return []rune(line)
}

// skip goes over runes of the line.
func (c *cursor) skip(runes int) { c.rest = c.rest[min(runes, len(c.rest)):] }

// properties goes over the anchor and the tag that stand before the value.
func (c *cursor) properties() {
	for len(c.rest) > 0 && (c.rest[0] == '&' || c.rest[0] == '!') {
		for len(c.rest) > 0 && c.rest[0] != ' ' && c.rest[0] != '\t' {
			c.skip(1)
			c.column++
		}
		for len(c.rest) > 0 && (c.rest[0] == ' ' || c.rest[0] == '\t') {
			c.skip(1)
			c.column++
		}
		c.settle()
	}
}

// next goes to the beginning of the next line's text.
func (c *cursor) next() {
	c.line++
	text := c.text()
	skip := 0
	for skip < len(text) && (text[skip] == ' ' || c.indent < 0 && text[skip] == '\t') &&
		(c.indent < 0 || skip < c.indent) {
		skip++
	}
	c.column, c.rest = skip+1, text[skip:]
}

// settle goes over the ends of lines, to where the next rune stands.
func (c *cursor) settle() {
	for end := c.line + 1000; (len(c.rest) == 0 || c.continued()) && c.line < end; {
		c.next()
	}
}

// continued reports whether the rest of the line is a backslash: the next line goes on without a
// space.
func (c *cursor) continued() bool {
	return c.style&yaml.DoubleQuotedStyle != 0 && len(c.rest) == 1 && c.rest[0] == '\\'
}

// folds reports whether a rune of the value is the end of a line.
func (c *cursor) folds(r rune) bool { return len(c.rest) == 0 && (r == ' ' || r == '\n') }

// step goes over what one rune of the value is written as.
func (c *cursor) step(r rune) {
	if c.folds(r) {
		c.next()
		return
	}
	c.settle()
	width := 1
	switch {
	case c.style&yaml.SingleQuotedStyle != 0 && r == '\'':
		width = 2
	case c.style&yaml.DoubleQuotedStyle != 0 && len(c.rest) > 1 && c.rest[0] == '\\':
		width = map[rune]int{'x': 4, 'u': 6, 'U': 10}[c.rest[1]]
		width = max(width, 2)
		if c.rest[1] == 'u' && r > 0xffff { // a pair, as JSON writes it
			width *= 2
		}
	}
	width = min(width, len(c.rest))
	c.rest = c.rest[width:]
	c.column += width
}
