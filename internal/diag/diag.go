// Package diag says what is wrong with a text, and where.
//
// In go sources and positions; out come messages with file, line and column, shown with the source
// line and a caret. [Decode] reads YAML strictly and reports every mistake at once; package
// scenarios and package assertions build on it.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Source is a text that diagnostics point into. Name is what a person would open: a path, or
// "shipped:scenarios/smoke.yaml".
type Source struct {
	Name string
	Text []byte
}

// Position is a place in a source. Line and Column count from 1, Column in runes; Line 0 means the
// file as a whole.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String returns the position as file:line:column, the form editors and terminals turn into a link.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Diagnostic is one thing wrong at one place. Excerpt is the source line, Width how many runes the
// caret underlines.
type Diagnostic struct {
	Position
	Message string
	Excerpt string
	Width   int
}

// Error returns the position, if there is one, and the message on one line, both printable: a
// file's name may hold anything.
func (d Diagnostic) Error() string {
	if d.Position == (Position{}) {
		return Printable(d.Message)
	}
	return Printable(d.Position.String() + ": " + d.Message)
}

// maxExcerpt is how many runes of a line are shown.
const maxExcerpt = 160

// Show returns the message, the source line and a caret under the place; of a place without text,
// the message alone. Of a long line it shows what is around the place.
func (d Diagnostic) Show() string {
	if d.Line == 0 || d.Excerpt == "" {
		return d.Error() + "\n"
	}
	number := fmt.Sprintf("%3d", d.Line)
	line, before := []rune(strings.ReplaceAll(d.Excerpt, "\t", " ")), max(0, d.Column-1)
	width := min(max(1, d.Width), max(1, len(line)-before))
	if len(line) > maxExcerpt {
		start := min(max(0, before-maxExcerpt/4), len(line)-maxExcerpt/2)
		end := min(start+maxExcerpt, len(line))
		before, width = before-start, min(width, max(1, end-start-before+start))
		line = line[start:end]
	}
	return fmt.Sprintf("%s\n%s | %s\n%s | %s%s\n", d.Error(), number, Printable(string(line)),
		strings.Repeat(" ", len(number)), strings.Repeat(" ", max(0, before)), strings.Repeat("^", width))
}

// At makes a diagnostic for width runes at a line and column of the source.
func (s *Source) At(line, column, width int, format string, args ...any) Diagnostic {
	return Diagnostic{
		Position: Position{File: s.Name, Line: line, Column: column},
		Message:  Printable(shortened(fmt.Sprintf(format, args...))),
		Excerpt:  s.line(line), Width: width,
	}
}

// maxMessage bounds a message, in bytes: it may quote untrusted text.
const maxMessage = 1000

func shortened(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "…"
}

func (s *Source) line(n int) string {
	rest := string(s.Text)
	for ; n > 1; n-- {
		_, after, found := strings.Cut(rest, "\n")
		if !found {
			return ""
		}
		rest = after
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(line, "\r")
}

// List is everything found wrong, in the order of the text. It is an error when it is not empty;
// see [List.Err].
type List []Diagnostic

// maxShown is how many diagnostics an error shows.
const maxShown = 100

// Error shows the diagnostics with their excerpts, the first hundred of them.
func (l List) Error() string {
	var b strings.Builder
	for _, d := range l[:min(len(l), maxShown)] {
		b.WriteString(d.Show())
	}
	if len(l) > maxShown {
		fmt.Fprintf(&b, "and %d more\n", len(l)-maxShown)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Err sorts the list by position and returns it as an error, or nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l
}

// maxWord bounds what is compared: the distance of two words takes the product of their lengths.
const maxWord = 200

// With adds what an error holds: the diagnostics of a list, or one that stands for it.
func (l List) With(err error) List {
	var list List
	var one Diagnostic
	switch {
	case err == nil:
		return l
	case errors.As(err, &list):
		return append(l, list...)
	case errors.As(err, &one):
		return append(l, one)
	default:
		return append(l, Diagnostic{Message: Printable(err.Error())})
	}
}

// Nearest returns the known word that a mistyped one most likely meant, and false when none is
// close.
func Nearest(word string, known []string) (string, bool) {
	if len(word) > maxWord {
		return "", false
	}
	best, distance := "", min(max(2, len(word)/3)+1, max(2, len(word)))
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	return best, best != ""
}

// DidYouMean returns `; did you mean "x"?` for the nearest known word, or nothing.
func DidYouMean(word string, known []string) string {
	if near, ok := Nearest(word, known); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// Printable replaces control characters, so that untrusted text cannot steer a terminal. Tabs and
// newlines stay.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0) || (r >= 0x202a && r <= 0x202e) ||
			(r >= 0x2066 && r <= 0x2069) {
			return '\uFFFD'
		}
		return r
	}, s)
}
