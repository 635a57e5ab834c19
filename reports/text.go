package reports

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line makes untrusted text fit to stand in a line: no control or invisible characters, one space between words, at most
// width runes, the last of them an ellipsis when something was cut.
func line(text string, width int) string {
	if len(text) > 8*width { // before any work on a text of any size
		text = text[:8*width] + "…"
	}
	text = strings.Join(strings.Fields(visible(text)), " ")
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

// visible replaces control characters and others that are invisible. Space of any kind stays.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}

// inert breaks what a CI system would take for a command in a log.
func inert(text string) string {
	return beginning.ReplaceAllString(anywhere.ReplaceAllString(text, "# #$1["), "$1: $2")
}
