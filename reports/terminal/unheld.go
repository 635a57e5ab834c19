package terminal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// item is checks that did not hold for one reason.
type item struct {
	cause  string
	checks []assertions.Check
}

// unheld writes the checks that decided a verdict which is no pass: what was measured, the limit,
// and where the check is written. Failed budgets come first: in a CI log they are visible without
// scrolling. The headline has the worst check in any case.
func (p printer) unheld(r reports.Report) {
	items := together(r)
	if len(items) == 0 {
		return
	}
	fmt.Fprintln(p.out)
	shown := min(len(items), p.most.unheld)
	for _, i := range items[:shown] {
		p.item(r, i)
	}
	left := 0
	for _, i := range items[shown:] {
		left += len(i.checks)
	}
	if left > 0 {
		p.lines(fmt.Sprintf("and %d more that did not hold with --full", left))
	}
}

// together groups what did not hold, warnings left out, by verdict and cause.
func together(r reports.Report) []item {
	checks := slices.DeleteFunc(reports.Broken(r), func(c assertions.Check) bool { return !reports.Decides(c) })
	slices.SortStableFunc(checks, func(a, b assertions.Check) int { return cmp.Compare(urgency(a), urgency(b)) })
	var items []item
	at := map[string]int{}
	for _, c := range checks {
		cause, shared := sharedCause(c)
		key := tables.MarkOf(c).Word + " " + cause
		if i, known := at[key]; known && shared {
			items[i].checks = append(items[i].checks, c)
			continue
		}
		if shared {
			at[key] = len(items)
		}
		items = append(items, item{cause, []assertions.Check{c}})
	}
	return items
}

// urgency is 0 for a budget that failed by itself, and 1 for everything else.
func urgency(c assertions.Check) int {
	if c.Verdict == assertions.Fail && reports.Measurable(c) && !reports.Overruled(c) {
		return 0
	}
	return 1
}

// sharedCause returns why a check did not hold, and false when that is the check's own figure or
// count.
func sharedCause(c assertions.Check) (string, bool) {
	worst, any := c.Worst()
	switch {
	case c.Overruled.Accuses():
		return "because of " + c.Overruled.By, true
	case reports.Overruled(c):
		return reports.CauseOf(c), true
	default:
		return c.Sentence(), !any || worst.Count == nil && worst.Limit == nil
	}
}

func (p printer) item(r reports.Report, i item) {
	c := i.checks[0]
	m := tables.MarkOf(c)
	accused := c.Overruled.Accuses()
	if len(i.checks) == 1 && !accused {
		p.single(r, c)
		return
	}
	var ids []string
	for _, c := range i.checks {
		ids = append(ids, fit.Line(c.ID, fit.NameWidth))
	}
	names := strings.Join(ids[:min(len(ids), p.most.grouped)], ", ")
	if left := len(ids) - p.most.grouped; left > 0 {
		names += fmt.Sprintf(" and %d more", left)
	}
	if accused {
		p.hanging(m, m.Word+" "+fit.Line(i.cause, fit.NameWidth+20)+": "+names)
		return
	}
	p.hanging(m, fmt.Sprintf("%s %s: %s", m.Word, names, fit.Line(i.cause, p.most.reason)))
	if !p.most.brief {
		p.where(c)
	}
}

// single writes one check. What the headline says is not repeated, except a failed budget's figure
// and limit.
func (p printer) single(r reports.Report, c assertions.Check) {
	m := tables.MarkOf(c)
	if p.most.brief {
		p.brief(c)
		return
	}
	text := m.Word + " " + fit.Line(c.ID, 200)
	rows := unequal(c)
	headline := r.DecidedBy == c.ID
	figure := reports.Measurable(c) && c.Verdict == assertions.Fail
	if reports.Overruled(c) || figure || !headline && len(rows) == 0 {
		text += ": " + fit.Line(c.Sentence(), p.most.reason)
	}
	p.hanging(m, text)
	if reports.Overruled(c) {
		p.where(c)
		return
	}
	for _, row := range limited(rows, p.most.unequal, "series") {
		p.paragraph(row)
	}
	said := func(f assertions.Finding) bool { return tables.Tabled(f) || strings.Contains(c.Sentence(), f.Text) }
	for _, found := range limited(tables.Findings(c, said), p.most.found, "findings") {
		p.paragraph(found)
	}
	p.where(c)
}

// brief writes one check in a line: with the place where it is written, if there is room.
func (p printer) brief(c assertions.Check) {
	m := tables.MarkOf(c)
	text := m.Word + " " + fit.Line(c.ID, fit.NameWidth) + ": " + fit.Line(c.Sentence(), p.most.reason)
	at := ", at " + fit.Line(c.Position.String(), fit.NameWidth)
	if c.Position.File != "" && twwidth.Width(m.Sign+" "+text+at) <= p.width {
		text += at
	}
	p.hanging(m, text)
}

// limited returns the first of some lines, and how many more there are.
func limited(lines []string, most int, what string) []string {
	if left := len(lines) - most; left > 0 {
		return append(slices.Clone(lines[:most]), fmt.Sprintf("and %d more %s", left, what))
	}
	return lines
}

// unequal returns the counts of an identity that are not equal, a line each.
func unequal(c assertions.Check) (rows []string) {
	for _, f := range reports.Series(c) {
		if f.Verdict <= assertions.Pass {
			continue
		}
		n := f.Count
		client := quantity.Count(n.Client)
		if n.Ambiguous != 0 {
			client += " to " + quantity.Count(n.Client+n.Ambiguous)
		}
		row := fmt.Sprintf("client %s, server %s, difference %s", client, quantity.Count(n.Server),
			tables.Signed(n.Difference))
		if of := tables.Labels(f.Series); of != "" {
			row = of + " " + row
		}
		rows = append(rows, fit.Line(row, 300))
	}
	return rows
}

// where writes what a check rests on and the place where it is written.
func (p printer) where(c assertions.Check) {
	text := tables.Basis(c)
	at := ""
	if c.Position.File != "" {
		at = "at " + fit.Line(c.Position.String(), 300)
		if command, shipped := c.Position.Shipped(); shipped {
			at += " (`" + command + "`)"
		}
	}
	if one := at + "; " + text; at != "" && len(fit.Wrap(one, p.width-4)) == 1 {
		p.paragraph(one)
		return
	}
	p.paragraph(text)
	if at != "" {
		p.paragraph(at)
	}
}
