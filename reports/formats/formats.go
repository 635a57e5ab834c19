// Package formats lists every format of a report, and writes the files of a run directory. The
// formats that are for other programs are files here.
package formats

import (
	"fmt"
	"io"
	"strings"

	"brrtload/internal/diag"
	"brrtload/reports"
	"brrtload/reports/page"
	"brrtload/reports/tables"
	"brrtload/reports/terminal"
)

// Terminal names the format for people: on a terminal it may have colour and the terminal's
// width.
const Terminal = "terminal"

// All returns every format, in the order in which the files of a run directory are written. The
// caller owns the slice.
func All() []reports.Format {
	return []reports.Format{
		{Name: "html", File: tables.PageFile, Write: page.HTML},
		{Name: "json", File: reports.ResultFile, Write: reports.JSON},
		{Name: "junit", File: "junit.xml", Write: JUnit},
		{Name: "markdown", File: "report.md", Write: Markdown},
		{Name: "openmetrics", File: "metrics.txt", Write: OpenMetrics},
		{Name: Terminal, File: "report.txt", Write: func(w io.Writer, r reports.Report) error {
			return terminal.Write(w, r, terminal.Options{Full: true})
		}},
	}
}

// ParseOutput reads "FORMAT=FILE", as --output takes it. A FORMAT alone means standard output, and
// file is then empty; so does a FILE of "-".
func ParseOutput(text string) (format reports.Format, file string, err error) {
	name, file, named := strings.Cut(text, "=")
	if named && file == "" {
		return reports.Format{}, "", fmt.Errorf("output %q names no file; write %s=FILE, or %s for standard output", text, name,
			name)
	}
	if file == "-" {
		file = ""
	}
	var names []string
	for _, f := range All() {
		if f.Name == name {
			return f, file, nil
		}
		names = append(names, f.Name)
	}
	return reports.Format{}, "", fmt.Errorf("unknown format %q%s (there are %s)",
		diag.Printable(name), diag.DidYouMean(name, names), strings.Join(names, ", "))
}
