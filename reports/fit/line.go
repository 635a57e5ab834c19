// Package fit makes untrusted text fit to be shown: in a line, in a log that a CI system reads,
// within a width.
package fit

import (
	_ "embed"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes untrusted text fit to stand in a line: no control or invisible characters, one space
// between words, at most width runes, the last of them an ellipsis when something was cut.
func Line(text string, width int) string {
	if len(text) > 8*width { // before any work on a text of any size
		text = text[:8*width] + "…"
	}
	text = strings.Join(strings.Fields(Visible(text)), " ")
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

var (
	// GitHub and Azure take "##[command]" and "##vso[command]" anywhere in a line, and
	// "::command::" at its beginning, colour or not.
	anywhere  = regexp.MustCompile(`##(\w*)\[`)
	beginning = regexp.MustCompile(`(?m)^((?:[^\S\n]|\x1b\[[0-9;]*m)*):(:+)`)
)

// Visible replaces control characters and others that are invisible. Space of any kind stays.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}

// Inert breaks what a CI system would take for a command in a log.
func Inert(text string) string {
	return beginning.ReplaceAllString(anywhere.ReplaceAllString(text, "# #$1["), "$1: $2")
}

// Text makes untrusted text fit for a paragraph: see [Line].
func Text(s string) string { return Line(s, maxPageText) }

// maxPageText bounds a text of the page, in characters.
const maxPageText = 2000

// The widths, in characters, that names get in a table.
const (
	IdWidth    = 60
	NameWidth  = 40
	KindsWidth = 60
)
