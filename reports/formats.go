package reports

import (
	"fmt"
	"io"
	"strings"

	"brrtload/internal/diag"
)

// Format is a way to show a report.
type Format struct {
	Name  string // what a person asks for
	File  string // its file in the run directory
	Write func(io.Writer, Report) error
}

// TerminalFormat names the format for people: on a terminal it may have colour and the terminal's
// width.
const TerminalFormat = "terminal"

// Formats returns every format, in the order in which the files of a run directory are written. The
// caller owns the slice.
func Formats() []Format {
	return []Format{
		{"html", pageFile, HTML},
		{"json", ResultFile, JSON},
		{"junit", "junit.xml", JUnit},
		{"markdown", "report.md", Markdown},
		{"openmetrics", "metrics.txt", OpenMetrics},
		{TerminalFormat, "report.txt", func(w io.Writer, r Report) error { return Terminal(w, r, TerminalOptions{Full: true}) }},
	}
}

// ParseOutput reads "FORMAT=FILE", as --output takes it. A FORMAT alone means standard output, and
// file is then empty; so does a FILE of "-".
func ParseOutput(text string) (format Format, file string, err error) {
	name, file, named := strings.Cut(text, "=")
	if named && file == "" {
		return Format{}, "", fmt.Errorf("output %q names no file; write %s=FILE, or %s for standard output", text, name,
			name)
	}
	if file == "-" {
		file = ""
	}
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, file, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, "", fmt.Errorf("unknown format %q%s (there are %s)",
		diag.Printable(name), diag.DidYouMean(name, names), strings.Join(names, ", "))
}
