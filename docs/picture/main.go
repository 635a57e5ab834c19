// Command picture draws the report of a run as a terminal shows it: SVG on standard output, for
// README.md.
//
//	go run ./docs/picture docs/picture/run >docs/report.svg
package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"brrtload/reports"
	"brrtload/reports/terminal"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: picture RUN")
		os.Exit(2)
	}
	if err := draw(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

// draw draws the short report of a run directory.
func draw(w io.Writer, dir string) error {
	report, err := reports.Read(dir)
	if err != nil {
		return err
	}
	report.Directory = "runs/pets"
	var text bytes.Buffer
	if err := terminal.Write(&text, report, terminal.Options{Color: true, Width: columns}); err != nil {
		return err
	}
	lines := append([]string{"$ brrtload run pets.yaml --fault requests-miss-every-nth=5 --dir runs/pets"},
		strings.Split(strings.TrimRight(text.String(), "\n"), "\n")...)
	_, err = io.WriteString(w, svg(lines))
	return err
}

// The measures of the picture, in pixels, and its columns.
const (
	columns = 80
	advance = 8.4 // of a character, at a size of 14
	leading = 19
	margin  = 18
)

// colors gives what a terminal shows for the codes that reports use; the zero code ends all of
// them.
var colors = map[string]string{"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "35": "#d2a8ff"}

var code = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// headline returns the verdict with its reason: what stands between the command and the line on the
// run.
func headline(lines []string) string {
	end := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "run with") })
	return strings.Join(lines[1:end], " ")
}

func svg(lines []string) string {
	var out strings.Builder
	width, height := 2*margin+columns*advance, 2*margin+len(lines)*leading
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d" role="img">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&out, "<title>%s</title>\n", html.EscapeString(code.ReplaceAllString(headline(lines), "")))
	fmt.Fprintf(&out, `<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>`+"\n")
	out.WriteString(`<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="#c9d1d9" xml:space="preserve">` + "\n")
	for i, line := range lines {
		drawLine(&out, line, margin+float64(i+1)*leading-5)
	}
	out.WriteString("</g>\n</svg>\n")
	return out.String()
}

// drawLine draws the words of a line, each at its column: a font may lack a sign and take one of
// another width.
func drawLine(out *strings.Builder, line string, y float64) {
	column, fill, bold := 0, "", false
	for line != "" {
		if at := code.FindStringSubmatchIndex(line); at != nil && at[0] == 0 {
			fill, bold = style(line[at[2]:at[3]], fill, bold)
			line = line[at[1]:]
			continue
		}
		word := line
		if end := strings.IndexAny(line[1:], " \x1b"); end >= 0 {
			word = line[:end+1]
		}
		line = line[len(word):]
		if text := strings.TrimLeft(word, " "); text != "" {
			x := margin + advance*float64(column+len(word)-len(text))
			fmt.Fprintf(out, `<text x="%.1f" y="%.0f"%s>%s</text>`+"\n", x, y, attributes(fill, bold),
				html.EscapeString(text))
		}
		column += twwidth.Width(word)
	}
}

// style applies the codes of one escape sequence.
func style(codes, fill string, bold bool) (string, bool) {
	for c := range strings.SplitSeq(codes, ";") {
		switch {
		case c == "" || c == "0":
			fill, bold = "", false
		case c == "1":
			bold = true
		case c == "22":
			bold = false
		case colors[c] != "":
			fill = colors[c]
		}
	}
	return fill, bold
}

func attributes(fill string, bold bool) string {
	var out string
	if fill != "" {
		out += fmt.Sprintf(` fill="%s"`, fill)
	}
	if bold {
		out += ` font-weight="bold"`
	}
	return out
}
