package fit

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// Wrap breaks a line into lines of at most width columns: at spaces, else behind a character at
// which a name may be broken, else anywhere. A width below 1 breaks nothing.
func Wrap(text string, width int) []string {
	var lines []string
	for width > 0 && twwidth.Width(text) > width {
		cut := breakAt(text, width)
		lines = append(lines, strings.TrimRight(text[:cut], " "))
		text = strings.TrimLeft(text[cut:], " ")
	}
	if text == "" && len(lines) > 0 {
		return lines
	}
	return append(lines, text)
}

// breakAt returns the byte at which to break a text that is wider than width; it is never 0.
func breakAt(text string, width int) int {
	var space, soft, hard int
	for i, r := range text {
		end := i + len(string(r))
		if r == ' ' && i > 0 {
			space = i
		}
		if twwidth.Width(text[:end]) > width {
			break
		}
		hard = end
		if strings.ContainsRune("_-/.,:;{}()=&?", r) {
			soft = end
		}
	}
	switch {
	case space > 0:
		return space
	case soft > width/2:
		return soft
	case hard > 0:
		return hard
	default: // one character is wider than the width
		return len(string([]rune(text)[:1]))
	}
}
