package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/tw"

	"brrtload/assertions"
	"brrtload/internal/quantity"
)

// DefaultWidth is the width in columns of a report that is not shown in a terminal; nothing is cut
// to keep to it.
const DefaultWidth = 80

// TerminalOptions are how a terminal shows a report. The zero value is the short report in plain
// text, 80 columns wide.
type TerminalOptions struct {
	Color bool
	Width int  // in columns; 0 is DefaultWidth, which a line of the full report may exceed
	Full  bool // every table; an overhead experiment is always shown in full
}

// Terminal writes the report as text. The short one has the verdict, what did not hold, and a
// summary of the rest; the full one has every table. Both suit a CI log: colour only when asked, no
// cursor movement. Nothing in the report can steer the terminal or the CI system that reads the
// log.
func Terminal(w io.Writer, r Report, o TerminalOptions) error {
	var text bytes.Buffer
	p := printer{out: &text, color: o.Color, width: cmp.Or(o.Width, DefaultWidth), strict: o.Width > 0}
	write := p.short
	if o.Full || r.Overhead != nil || r.Capacity != nil {
		write = p.full
	}
	if err := write(r); err != nil {
		return err
	}
	_, err := io.WriteString(w, inert(text.String()))
	return err
}

// full writes the verdict and its reason in the first line, then what did not hold, then every
// table.
func (p printer) full(r Report) error {
	p.headline(r)
	p.broken(r)
	for _, t := range tables(r) {
		if err := p.table(t); err != nil {
			return fmt.Errorf("lay out %q: %w", t.title, err)
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

func (p printer) headline(r Report) {
	m := marks[r.Verdict]
	fmt.Fprintf(p.out, "%s %s: %s\n", p.paint(strings.ToUpper(m.word), m.paint, color.Bold),
		line(r.Scenario, nameWidth), line(r.Reason, 300))
	p.lines(ending(r))
	p.lines(aim(r))
}

// lines writes text over as many lines as it needs.
func (p printer) lines(text string) {
	for _, row := range wrap(text, p.width) {
		fmt.Fprintln(p.out, row)
	}
}

// heading writes the title of a part.
func (p printer) heading(title string) {
	for _, row := range wrap(title, p.width) {
		fmt.Fprintln(p.out, p.paint(row, color.Bold))
	}
}

// aim names the target.
func aim(r Report) string {
	return strings.TrimSpace("target " + line(cmp.Or(r.Target.URL, r.Target.Name), 200))
}

// ending reports how the run ended.
func ending(r Report) string {
	return fmt.Sprintf("%s with seed %d, %s in %s, exit status %d", line(r.Command, nameWidth), r.Seed,
		line(string(r.End), nameWidth), quantity.Seconds(r.Seconds), r.Status)
}

// broken reports of every check that did not hold what was found, by which query, and where the
// check is written. Those that another check overruled for the same cause are shown together, and in
// short: the other one has the cause, and the tables what they measured.
func (p printer) broken(r Report) {
	checks := Broken(r)
	shown, echo := map[string]bool{}, echoed(checks)
	for i, c := range checks {
		m := markOf(c)
		if together := alike(checks, c); overruled(c) && len(together) > 1 {
			if cause := causeOf(c); !shown[m.word+cause] {
				shown[m.word+cause] = true
				fmt.Fprintf(p.out, "\n%s %d checks\n", p.paint(m.sign+" "+m.word, m.paint), len(together))
				p.paragraph(line(cause, 500))
				p.paragraph(strings.Join(together, ", "))
			}
			continue
		}
		fmt.Fprintf(p.out, "\n%s %s\n", p.paint(m.sign+" "+m.word, m.paint), line(c.ID, 200))
		p.paragraph(line(echo[i].Sentence(), 500))
		if overruled(c) {
			continue
		}
		for _, detail := range details(c, tabled) {
			p.paragraph(detail)
		}
	}
}

// causeOf is why another check overruled this one, without what it found by itself.
func causeOf(c assertions.Check) string {
	if c.Overruled == nil {
		return c.Reason
	}
	return c.Overruled.Sentence()
}

// alike names the checks that were overruled for the same cause and with the same verdict.
func alike(checks []assertions.Check, like assertions.Check) (ids []string) {
	for _, c := range checks {
		if overruled(c) && markOf(c) == markOf(like) && causeOf(c) == causeOf(like) {
			ids = append(ids, line(c.ID, nameWidth))
		}
	}
	return ids
}

// paragraph writes indented text. Its lines end where the width does.
func (p printer) paragraph(text string) {
	for _, line := range wrap(text, p.width-4) {
		fmt.Fprintf(p.out, "    %s\n", line)
	}
}

func (p printer) table(t table) error {
	if len(t.rows) == 0 {
		return nil
	}
	fmt.Fprintln(p.out)
	if t.title != "" {
		p.heading(t.title)
	}
	var text bytes.Buffer
	t = p.narrowed(t)
	body, widths := p.layout(&text, t), p.widths(t)
	for _, row := range t.rows {
		cells := make([]string, len(row.cells))
		for i, cell := range row.cells {
			cells[i] = p.cell(cell, widths[i], row.brief)
		}
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
	for row := range strings.Lines(text.String()) {
		fmt.Fprintln(p.out, strings.TrimRight(row, " \n"))
	}
	if t.left > 0 {
		p.lines(fmt.Sprintf("and %s more %s", quantity.Count(float64(t.left)), cmp.Or(t.rest, "in "+ResultFile)))
	}
	return nil
}

// cell breaks the text of a cell into lines of its column's width. A brief one stays in one line:
// whole, or cut where the width is strict.
func (p printer) cell(text string, width int, brief bool) string {
	lines := wrap(text, width)
	switch {
	case !brief || len(lines) == 1:
		return strings.Join(lines, "\n")
	case p.strict:
		return twwidth.Truncate(text, width, "…")
	default:
		return text
	}
}

// gap is the space between two columns.
const gap = 2

// layout returns an empty table without lines, headed by the names of its columns.
func (p printer) layout(out io.Writer, t table) *tablewriter.Table {
	aligns, names := make([]tw.Align, len(t.columns)), make([]string, len(t.columns))
	for i, c := range t.columns {
		aligns[i], names[i] = tw.AlignLeft, c.name
		if c.figure {
			aligns[i] = tw.AlignRight
		}
	}
	body := tablewriter.NewTable(out,
		tablewriter.WithRendition(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		}),
		tablewriter.WithPadding(tw.Padding{Right: strings.Repeat(" ", gap), Overwrite: true}),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: aligns}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: aligns}),
	)
	if strings.Join(names, "") != "" {
		body.Header(names)
	}
	return body
}

// minText is the least width, in columns, that a column of text is squeezed to while columns can be
// left out, and leastText the least of all.
const (
	minText   = 12
	leastText = 4
)

// narrowed leaves out the columns that the table can spare, one after the other, until it fits.
func (p printer) narrowed(t table) table {
	for i, column := range t.spare {
		if total(p.squeezed(t, minText)) <= p.width {
			break
		}
		for _, gone := range t.spare[:i] {
			if gone < t.spare[i] {
				column--
			}
		}
		t = t.without(column)
	}
	return t
}

// total returns the width of a table whose columns have these widths.
func total(widths []int) int {
	sum := -gap
	for _, width := range widths {
		sum += width + gap
	}
	return sum
}

// widths returns the width of each column: what its cells need, and less for the widest columns of
// text when all together do not fit. Figures are never broken.
func (p printer) widths(t table) []int {
	widths := p.squeezed(t, minText)
	if total(widths) > p.width {
		return p.squeezed(t, leastText)
	}
	return widths
}

// squeezed returns the widths of columns whose text is at least so wide, where the cells need that.
func (p printer) squeezed(t table, least int) []int {
	widths := make([]int, len(t.columns))
	for i, c := range t.columns {
		widths[i] = twwidth.Width(c.name)
		for _, row := range t.rows {
			widths[i] = max(widths[i], twwidth.Width(row.cells[i]))
		}
	}
	for total(widths) > p.width {
		widest := -1
		for i, c := range t.columns {
			if !c.figure && widths[i] > max(least, twwidth.Width(c.name)) &&
				(widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

func (p printer) lists(r Report) {
	p.list("Notes", r.Notes)
	p.list("Files in "+cmp.Or(line(r.Directory, 200), "the run directory"),
		[]string{strings.Join(pageFirst(r.Files), ", ")})
}

func (p printer) list(title string, items []string) {
	if len(items) == 0 || items[0] == "" {
		return
	}
	fmt.Fprintln(p.out)
	p.heading(title)
	for _, item := range items {
		p.paragraph(line(item, 500))
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
