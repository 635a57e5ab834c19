package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"

	"brrtload/assertions"
)

// DefaultWidth is the width in columns of a report that is not shown in a terminal.
const DefaultWidth = 80

// TerminalOptions say how a terminal shows a report. The zero value is plain text, 80 columns wide.
type TerminalOptions struct {
	Color bool
	Width int // in columns; 0 is DefaultWidth
}

// Terminal writes the report as text: the verdict and its reason in the first line, then what did not hold, then every
// table. It uses colour when asked and never moves the cursor, so that it suits a CI log as well. Nothing in the
// report can steer the terminal or the CI system that reads the log.
func Terminal(w io.Writer, r Report, o TerminalOptions) error {
	var text bytes.Buffer
	p := printer{&text, o.Color, cmp.Or(o.Width, DefaultWidth)}
	p.headline(r)
	p.broken(r)
	for _, t := range tables(r) {
		if err := p.table(t); err != nil {
			return fmt.Errorf("lay out %q: %w", t.title, err)
		}
	}
	p.lists(r)
	_, err := io.WriteString(w, inert(text.String()))
	return err
}

// printer lays out text of a given width.
type printer struct {
	out   *bytes.Buffer
	color bool
	width int
}

func (p printer) headline(r Report) {
	m := marks[r.Verdict]
	fmt.Fprintf(p.out, "%s %s\n", p.paint(strings.ToUpper(m.word), m.paint, color.Bold), line(r.Reason, 300))
	fmt.Fprintf(p.out, "%s %s, seed %d, %s, %s, exit status %d\n", line(r.Command, nameWidth), line(r.Scenario, nameWidth), r.Seed,
		Seconds(r.Seconds), r.End, r.Status)
	fmt.Fprintf(p.out, "target %s\n", line(cmp.Or(r.Target.URL, r.Target.Name), 200))
}

// broken says of every check that did not hold what was found, by which query, and where the check is written.
func (p printer) broken(r Report) {
	for _, c := range ofKind(r, func(c assertions.Check) bool { return !held(c) }) {
		m := markOf(c)
		fmt.Fprintf(p.out, "\n%s %s: %s\n", p.paint(m.sign+" "+m.word, m.paint), line(c.ID, 200), line(c.Reason, 500))
		for _, detail := range details(c) {
			fmt.Fprintf(p.out, "    %s\n", detail)
		}
	}
}

func (p printer) table(t table) error {
	if len(t.rows) == 0 {
		return nil
	}
	fmt.Fprintf(p.out, "\n%s\n", p.paint(t.title, color.Bold))
	aligns, header := make([]tw.Align, len(t.columns)), make([]string, len(t.columns))
	for i, c := range t.columns {
		aligns[i], header[i] = tw.AlignLeft, c.name
		if c.figure {
			aligns[i] = tw.AlignRight
		}
	}
	body := tablewriter.NewTable(p.out,
		tablewriter.WithRendition(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		}),
		tablewriter.WithPadding(tw.Padding{Left: "", Right: "  ", Overwrite: true}),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: aligns}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: aligns}),
		tablewriter.WithRowAutoWrap(tw.WrapBreak),
		tablewriter.WithMaxWidth(p.width),
	)
	body.Header(header)
	for _, row := range t.rows {
		cells := append([]string{}, row.cells...)
		if row.paint != 0 {
			cells[0] = p.paint(cells[0], row.paint)
		}
		if err := body.Append(cells); err != nil {
			return err
		}
	}
	if err := body.Render(); err != nil {
		return err
	}
	if t.left > 0 {
		fmt.Fprintf(p.out, "and %s more in %s\n", Number(float64(t.left)), ResultFile)
	}
	return nil
}

func (p printer) lists(r Report) {
	p.list("Notes", r.Notes)
	p.list("Files in "+cmp.Or(line(r.Directory, 200), "the run directory"), []string{strings.Join(r.Files, ", ")})
}

func (p printer) list(title string, items []string) {
	if len(items) == 0 || items[0] == "" {
		return
	}
	fmt.Fprintf(p.out, "\n%s\n", p.paint(title, color.Bold))
	for _, item := range items {
		fmt.Fprintf(p.out, "  %s\n", line(item, 500))
	}
}

func (p printer) paint(text string, attributes ...color.Attribute) string {
	if !p.color {
		return text
	}
	c := color.New(attributes...)
	c.EnableColor()
	return c.Sprint(text)
}
