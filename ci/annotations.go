package ci

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/reports"
)

// maxAnnotations is how many of one step GitHub shows.
const maxAnnotations = 10

// maxMessage bounds the text of an annotation, in bytes.
const maxMessage = 2000

// annotate writes a workflow command for each of the worst checks that did not hold, which GitHub
// shows beside the line of the YAML file where the check is written, or asked for. See [Report].
func annotate(w io.Writer, env Environment, r reports.Report, asked func(diag.Position) diag.Position) error {
	var out strings.Builder
	for i, c := range reports.Broken(r) {
		if i == maxAnnotations {
			break
		}
		level := "error"
		if !reports.Decides(c) {
			level = "warning"
		}
		fmt.Fprintf(&out, "::%s %stitle=%s::%s\n", level, place(env, asked(c.Position)),
			property(fmt.Sprintf("%s: %s", c.Verdict, c.ID)), message(annotation(c)))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func annotation(c assertions.Check) string {
	text := c.Sentence()
	if c.Query != "" {
		text += "\nquery: " + c.Query
	}
	if c.Why != "" {
		text += "\nwhy: " + c.Why
	}
	if command, shipped := c.Position.Shipped(); shipped {
		text += fmt.Sprintf("\nat %s, which `%s` prints", c.Position, command)
	}
	return text
}

// place returns the properties that name a file of the repository and a line, and nothing for a
// file that is not one.
func place(env Environment, p diag.Position) string {
	path, err := filepath.Abs(p.File)
	if err != nil || p.File == "" || env.Root == "" {
		return ""
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	relative, err := filepath.Rel(env.Root, path)
	if err != nil || !filepath.IsLocal(relative) {
		return ""
	}
	return fmt.Sprintf("file=%s,line=%d,", property(filepath.ToSlash(relative)), max(1, p.Line))
}

// message escapes the text of a workflow command.
func message(text string) string {
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(diag.Printable(text))
}

// property escapes the value of a workflow command's property.
func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(text))
}
