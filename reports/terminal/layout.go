package terminal

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/tw"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

func (p printer) table(t tables.Table) error {
	if len(t.Rows) == 0 {
		return nil
	}
	fmt.Fprintln(p.out)
	if t.Title != "" {
		p.heading(t.Title)
	}
	var text bytes.Buffer
	t = p.narrowed(t)
	body, widths := p.layout(&text, t), p.widths(t)
	for _, row := range t.Rows {
		cells := make([]string, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = p.cell(cell, widths[i], row.Brief)
		}
		if row.Paint != 0 {
			cells[0] = p.paint(cells[0], row.Paint)
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
	if t.Left > 0 {
		p.lines(fmt.Sprintf("and %s more %s", quantity.Count(float64(t.Left)), cmp.Or(t.Rest, "in "+reports.ResultFile)))
	}
	return nil
}

// cell breaks the text of a cell into lines of its column's width. A brief one stays in one line:
// whole, or cut where the width is strict.
func (p printer) cell(text string, width int, brief bool) string {
	lines := fit.Wrap(text, width)
	switch {
	case !brief || len(lines) == 1:
		return strings.Join(lines, "\n")
	case p.strict:
		return twwidth.Truncate(text, width, "…")
	default:
		return text
	}
}

// layout returns an empty table without lines, headed by the names of its columns.
func (p printer) layout(out io.Writer, t tables.Table) *tablewriter.Table {
	aligns, names := make([]tw.Align, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		aligns[i], names[i] = tw.AlignLeft, c.Name
		if c.Figure {
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

// narrowed leaves out the columns that the table can spare, one after the other, until it fits.
func (p printer) narrowed(t tables.Table) tables.Table {
	for i, column := range t.Spare {
		if total(p.squeezed(t, minText)) <= p.width {
			break
		}
		for _, gone := range t.Spare[:i] {
			if gone < t.Spare[i] {
				column--
			}
		}
		t = t.Without(column)
	}
	return t
}

// widths returns the width of each column: what its cells need, and less for the widest columns of
// text when all together do not fit. Figures are never broken.
func (p printer) widths(t tables.Table) []int {
	widths := p.squeezed(t, minText)
	if total(widths) > p.width {
		return p.squeezed(t, leastText)
	}
	return widths
}

// squeezed returns the widths of columns whose text is at least so wide, where the cells need that.
func (p printer) squeezed(t tables.Table, least int) []int {
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = twwidth.Width(c.Name)
		for _, row := range t.Rows {
			widths[i] = max(widths[i], twwidth.Width(row.Cells[i]))
		}
	}
	for total(widths) > p.width {
		widest := -1
		for i, c := range t.Columns {
			if !c.Figure && widths[i] > max(least, twwidth.Width(c.Name)) &&
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
