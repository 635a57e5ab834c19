// Package terminal shows a report as text of a given width: in short, or with every table. It shows
// a run in progress, too.
package terminal

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// DefaultWidth is the width in columns of a report that is not shown in a terminal; nothing is cut
// to keep to it.
const DefaultWidth = 80

// Options are how a terminal shows a report. The zero value is the short report in plain
// text, 80 columns wide.
type Options struct {
	Color bool
	Width int  // in columns; 0 is DefaultWidth, which a line of the full report may exceed
	Full  bool // every table; an overhead experiment is always shown in full
}

// Write writes the report as text. The short one has the verdict, what did not hold, and a
// summary of the rest; the full one has every table. Both suit a CI log: colour only when asked, no
// cursor movement. Nothing in the report can steer the terminal or the CI system that reads the
// log.
func Write(w io.Writer, r reports.Report, o Options) error {
	var text bytes.Buffer
	p := printer{out: &text, color: o.Color, width: cmp.Or(o.Width, DefaultWidth), strict: o.Width > 0}
	write := p.short
	if o.Full || r.Overhead != nil || r.Capacity != nil {
		write = p.full
	}
	if err := write(r); err != nil {
		return err
	}
	_, err := io.WriteString(w, fit.Inert(text.String()))
	return err
}

// full writes the verdict and its reason in the first line, then what did not hold, then every
// table.
func (p printer) full(r reports.Report) error {
	p.headline(r)
	p.broken(r)
	for _, t := range tables.All(r) {
		if err := p.table(t); err != nil {
			return fmt.Errorf("lay out %q: %w", t.Title, err)
		}
	}
	p.lists(r)
	return nil
}

// printer lays out text of a given width.
type printer struct {
	out    *bytes.Buffer
	color  bool
	width  int
	strict bool // cut what must stand in one line and is wider
	most   extent
}

func (p printer) headline(r reports.Report) {
	m := tables.Marks[r.Verdict]
	fmt.Fprintf(p.out, "%s %s: %s\n", p.paint(strings.ToUpper(m.Word), m.Paint, color.Bold),
		fit.Line(r.Scenario, fit.NameWidth), fit.Line(r.Reason, 300))
	p.lines(ending(r))
	p.lines(aim(r))
}

// lines writes text over as many lines as it needs.
func (p printer) lines(text string) {
	for _, row := range fit.Wrap(text, p.width) {
		fmt.Fprintln(p.out, row)
	}
}

// heading writes the title of a part.
func (p printer) heading(title string) {
	for _, row := range fit.Wrap(title, p.width) {
		fmt.Fprintln(p.out, p.paint(row, color.Bold))
	}
}

// aim names the target.
func aim(r reports.Report) string {
	return strings.TrimSpace("target " + fit.Line(cmp.Or(r.Target.URL, r.Target.Name), 200))
}

// ending reports how the run ended.
func ending(r reports.Report) string {
	return fmt.Sprintf("%s with seed %d, %s in %s, exit status %d", fit.Line(r.Command, fit.NameWidth), r.Seed,
		fit.Line(string(r.End), fit.NameWidth), quantity.Seconds(r.Seconds), r.Status)
}

// broken reports of every check that did not hold what was found, by which query, and where the
// check is written. Those that another check overruled for the same cause are shown together, and in
// short: the other one has the cause, and the tables what they measured.
func (p printer) broken(r reports.Report) {
	checks := reports.Broken(r)
	shown, echo := map[string]bool{}, tables.Echoed(checks)
	for i, c := range checks {
		m := tables.MarkOf(c)
		if together := alike(checks, c); reports.Overruled(c) && len(together) > 1 {
			if cause := reports.CauseOf(c); !shown[m.Word+cause] {
				shown[m.Word+cause] = true
				fmt.Fprintf(p.out, "\n%s %d checks\n", p.paint(m.Sign+" "+m.Word, m.Paint), len(together))
				p.paragraph(fit.Line(cause, 500))
				p.paragraph(strings.Join(together, ", "))
			}
			continue
		}
		fmt.Fprintf(p.out, "\n%s %s\n", p.paint(m.Sign+" "+m.Word, m.Paint), fit.Line(c.ID, 200))
		p.paragraph(fit.Line(echo[i].Sentence(), 500))
		if reports.Overruled(c) {
			continue
		}
		for _, detail := range tables.Details(c, tables.Tabled) {
			p.paragraph(detail)
		}
	}
}

// alike names the checks that were overruled for the same cause and with the same verdict.
func alike(checks []assertions.Check, like assertions.Check) (ids []string) {
	for _, c := range checks {
		if reports.Overruled(c) && tables.MarkOf(c) == tables.MarkOf(like) && reports.CauseOf(c) == reports.CauseOf(like) {
			ids = append(ids, fit.Line(c.ID, fit.NameWidth))
		}
	}
	return ids
}

// paragraph writes indented text. Its lines end where the width does.
func (p printer) paragraph(text string) {
	for _, line := range fit.Wrap(text, p.width-4) {
		fmt.Fprintf(p.out, "    %s\n", line)
	}
}

// gap is the space between two columns.
const gap = 2

// minText is the least width, in columns, that a column of text is squeezed to while columns can be
// left out, and leastText the least of all.
const (
	minText   = 12
	leastText = 4
)

// total returns the width of a table whose columns have these widths.
func total(widths []int) int {
	sum := -gap
	for _, width := range widths {
		sum += width + gap
	}
	return sum
}

func (p printer) lists(r reports.Report) {
	p.list("Notes", r.Notes)
	p.list("Files in "+cmp.Or(fit.Line(r.Directory, 200), "the run directory"),
		[]string{strings.Join(pageFirst(r.Files), ", ")})
}

func (p printer) list(title string, items []string) {
	if len(items) == 0 || items[0] == "" {
		return
	}
	fmt.Fprintln(p.out)
	p.heading(title)
	for _, item := range items {
		p.paragraph(fit.Line(item, 500))
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
