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
	passed       []rune // what was gone over
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
				c.indent = len(text) - len(strings.TrimLeft(text, " "))
				break
			}
		}
		c.next()
		return c
	}
	if c.style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		c.column++
	}
	c.rest = []rune(c.src.line(c.line))
	c.rest = c.rest[min(c.column-1, len(c.rest)):]
	return c
}

// next goes to the beginning of the next line's text.
func (c *cursor) next() {
	c.line++
	text := []rune(c.src.line(c.line))
	skip := 0
	for skip < len(text) && (text[skip] == ' ' || c.indent < 0 && text[skip] == '\t') &&
		(c.indent < 0 || skip < c.indent) {
		skip++
	}
	c.column, c.rest = skip+1, text[skip:]
}

// settle goes over the ends of lines, to where the next rune stands.
func (c *cursor) settle() {
	for end := c.line + 1000; len(c.rest) == 0 && c.line < end; {
		c.next()
	}
}

// step goes over what one rune of the value is written as.
func (c *cursor) step(r rune) {
	if len(c.rest) == 0 && (r == ' ' || r == '\n') {
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
	c.passed = append(c.passed, c.rest[:width]...)
	c.rest = c.rest[width:]
	c.column += width
}
