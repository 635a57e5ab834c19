package scrape

import (
	"bytes"
	"fmt"

	"brrtload/internal/diag"
)

// place is how far a body has been read.
type place struct {
	body   []byte
	binary bool
	strict bool // a blank line is a mistake
	offset int  // of the newest entry
	count  int  // of entries
	failed bool
}

// line reports that an entry was found in a part of the body.
func (p *place) line(part []byte) {
	p.count++
	if !p.binary && cap(part) <= cap(p.body) {
		// The parser hands out parts of the body itself, which share its end.
		p.offset = cap(p.body) - cap(part)
	}
}

// step reports that the parser failed after the newest entry.
func (p *place) step() { p.failed = true }

// wrap puts the line before the error, or in a binary exposition the number of the entry.
func (p *place) wrap(err error) error {
	if p.binary {
		if p.failed {
			p.count++
		}
		return fmt.Errorf("entry %d: %s", p.count, diag.Printable(err.Error()))
	}
	at := min(p.offset, len(p.body))
	if p.failed && p.count > 0 {
		at += nextLine(p.body[at:])
	}
	for !p.strict && at < len(p.body) && p.body[at] == '\n' {
		at++
	}
	return fmt.Errorf("line %d: %s", 1+bytes.Count(p.body[:at], []byte{'\n'}), shorten(diag.Printable(err.Error())))
}

func nextLine(rest []byte) int {
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		return i + 1
	}
	return len(rest)
}

// shorten keeps a message readable when it quotes a long line.
func shorten(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
