package diag

import (
	"errors"
	"slices"
	"strings"
)

// ErrUnredacted is the error of a word that is written in a way that cannot be taken out.
var ErrUnredacted = errors.New("it is written in too unusual a way")

// Redacted returns the source with a text in place of every word that a value or a key of it has,
// however it is written there: escaped, or over several lines. Every line stays where it is.
// Comments are left as they are, and so is a source that is not YAML. The longest words come first.
func (s *Source) Redacted(words []string, instead string) (string, error) {
	top, err := Parse(s)
	if err != nil {
		return string(s.Text), nil
	}
	return s.without(top.writtenAs(words), instead, func(text string) (Node, error) {
		return Parse(&Source{Name: s.Name, Text: []byte(text)})
	}, words)
}

// Redacted returns PATH=VALUE as [Source.Redacted] does.
func (o Override) Redacted(words []string, instead string) (string, error) {
	value, err := o.node()
	if err != nil {
		return string(o.src.Text), nil
	}
	return o.src.without(value.writtenAs(words), instead, func(text string) (Node, error) {
		again, err := ParseOverride(o.src.Name, text)
		if err != nil {
			return Node{}, err
		}
		return again.node()
	}, words)
}

// without replaces stretches of the text, and reads the result again: no word may be left in it.
func (s *Source) without(all []stretch, instead string, read func(string) (Node, error), words []string) (string, error) {
	if len(all) == 0 {
		return string(s.Text), nil
	}
	lines := strings.Split(string(s.Text), "\n")
	slices.SortFunc(all, func(a, b stretch) int { return b.from - a.from }) // from the end of each line
	for _, at := range all {
		if at.line > len(lines) {
			return "", ErrUnredacted
		}
		line := []rune(lines[at.line-1])
		if at.to-1 > len(line) {
			return "", ErrUnredacted
		}
		lines[at.line-1] = string(line[:at.from-1]) + instead + string(line[at.to-1:])
	}
	text := strings.Join(lines, "\n")
	again, err := read(text)
	if err == nil && len(again.writtenAs(words)) > 0 {
		err = ErrUnredacted
	}
	return text, err
}

// stretch is a part of a line: columns in runes, from 1, up to one that it does not have.
type stretch struct{ line, from, to int }

// writtenAs returns where the words stand in the scalars below the node.
func (n Node) writtenAs(words []string) (all []stretch) {
	if n.y.Kind == scalar {
		return n.stretches(words)
	}
	for _, y := range n.y.Content { // what an alias stands for is written elsewhere
		all = append(all, n.child(y).writtenAs(words)...)
	}
	return all
}

// stretches returns where the words stand in a scalar, each line's part by itself.
func (n Node) stretches(words []string) (all []stretch) {
	value := n.raw()
	var within []bool // by byte
	for _, word := range words {
		for at := 0; word != ""; {
			i := strings.Index(value[at:], word)
			if i < 0 {
				break
			}
			if within == nil {
				within = make([]bool, len(value))
			}
			for k := range len(word) {
				within[at+i+k] = true
			}
			at += i + len(word)
		}
	}
	if within == nil {
		return nil
	}
	c := n.cursor()
	for i, r := range value {
		if c.folds(r) {
			c.step(r)
			continue
		}
		c.settle()
		from := c.column
		c.step(r)
		if !within[i] {
			continue
		}
		if last := len(all) - 1; last >= 0 && all[last].line == c.line && all[last].to == from {
			all[last].to = c.column
		} else {
			all = append(all, stretch{c.line, from, c.column})
		}
	}
	return all
}
