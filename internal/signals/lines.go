package signals

import "bytes"

// maxLine bounds a line, bytes. What is longer passes in pieces and is no event.
const maxLine = 64 << 10

// lines cuts what is read into lines, in one buffer of fixed size.
type lines struct {
	screen *Screen
	buffer []byte
	held   int  // bytes in the buffer: the beginning of a line
	long   bool // of a line whose beginning has passed already
}

func newLines(screen *Screen) *lines {
	return &lines{screen: screen, buffer: make([]byte, maxLine+len("\r\n")+screen.longest())}
}

// free is where the next bytes are to be read to. It is never empty.
func (l *lines) free() []byte { return l.buffer[l.held:] }

// took reports that n bytes were read to free, and gives what has become whole: lines without their
// end, or, of one that is too long, pieces, of which the last is said to end it. What is given is
// valid until the next call, and may be changed.
func (l *lines) took(n int, line func([]byte), piece func(text []byte, end bool)) {
	rest := l.buffer[:l.held+n]
	for {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		l.pass(rest[:end], line, piece)
		rest = rest[end+1:]
	}
	l.held = copy(l.buffer, rest)
	if l.held == len(l.buffer) {
		// A secret may straddle the cut: what could be its beginning is held back.
		l.mask(l.buffer)
		l.long = true
		hold := max(0, l.screen.longest()-1)
		piece(l.buffer[:l.held-hold], false)
		l.held = copy(l.buffer, l.buffer[l.held-hold:])
	}
}

// flush returns the line that has no end.
func (l *lines) flush(line func([]byte), piece func(text []byte, end bool)) {
	if l.held > 0 || l.long {
		l.pass(l.buffer[:l.held], line, piece)
	}
	l.held = 0
}

func (l *lines) pass(text []byte, line func([]byte), piece func([]byte, bool)) {
	text = bytes.TrimSuffix(text, []byte("\r"))
	if l.long || len(text) > maxLine {
		l.mask(text)
		piece(text, true)
	} else {
		line(text)
	}
	l.long = false
}

func (l *lines) mask(text []byte) {
	if l.screen.Has(text) {
		l.screen.Found("a log line that is too long", text, "")
		l.screen.Mask(text)
	}
}
