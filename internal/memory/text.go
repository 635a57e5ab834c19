package memory

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds a name or a place, in bytes.
const maxText = 200

// inert returns an untrusted text without what could steer a terminal, and not longer than maxText:
// the beginning of it, which of a name is what matters most.
func inert(s string) string {
	s = printable(s)
	if len(s) <= maxText {
		return s
	}
	end := maxText - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// inertPath is as inert and keeps the end.
func inertPath(s string) string {
	s = printable(s)
	if len(s) <= maxText {
		return s
	}
	from := len(s) - maxText + len("…")
	for from < len(s) && !utf8.RuneStart(s[from]) {
		from++
	}
	return "…" + s[from:]
}

func printable(s string) string {
	const enough = 8 * maxText // of what is cut anyway
	if len(s) > 2*enough {
		s = s[:enough] + s[len(s)-enough:]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// lastParts returns the last two parts of a path, as in src/main.c.
func lastParts(path string) string {
	parts := strings.Split(path, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}
