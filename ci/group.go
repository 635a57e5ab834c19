package ci

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"brrtload/internal/diag"
)

// Group writes body's output to the job's log as a part that the system shows folded, under a title. A system without such
// parts gets the output alone. The error is body's, or that of writing.
func (e Environment) Group(w io.Writer, title string, body func(io.Writer) error) error {
	begin, end := e.markers(title)
	if _, err := io.WriteString(w, begin); err != nil {
		return err
	}
	failed := body(w)
	_, err := io.WriteString(w, end)
	return errors.Join(failed, err)
}

func (e Environment) markers(title string) (begin, end string) {
	title = strings.ReplaceAll(diag.Printable(title), "\n", " ")
	switch e.System {
	case GitHub:
		return fmt.Sprintf("::group::%s\n", message(title)), "::endgroup::\n"
	case GitLab:
		name := sectionName(title)
		now := time.Now().Unix()
		return fmt.Sprintf("\x1b[0Ksection_start:%d:%s[collapsed=true]\r\x1b[0K%s\n", now, name, title),
			fmt.Sprintf("\x1b[0Ksection_end:%d:%s\r\x1b[0K\n", now, name)
	default:
		return "", ""
	}
}

// sectionName makes a title into what GitLab takes as a name: letters, digits, and "_", "-", ".".
func sectionName(title string) string {
	return "brrtload_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(title))
}
