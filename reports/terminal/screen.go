package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Screen shows a text on a terminal again and again, each time over the one before. It shows nothing
// where the output is no terminal that can do so.
type Screen struct {
	out  io.Writer
	live bool
	rows int
}

// NewScreen returns the screen of an output.
func NewScreen(out io.Writer) *Screen {
	file, ok := out.(interface{ Fd() uintptr })
	return &Screen{out: out, live: ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"}
}

// Live reports whether the screen shows anything.
func (s *Screen) Live() bool { return s.live }

// Show shows what write writes in place of what was shown before.
func (s *Screen) Show(write func(io.Writer) error) error {
	if !s.live {
		return nil
	}
	var text strings.Builder
	if s.rows > 0 {
		fmt.Fprintf(&text, "\x1b[%dA\x1b[J", s.rows)
	}
	before := text.Len()
	if err := write(&text); err != nil {
		return err
	}
	s.rows = strings.Count(text.String()[before:], "\n")
	_, err := io.WriteString(s.out, text.String())
	return err
}
