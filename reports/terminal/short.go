package terminal

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/fatih/color"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// short writes the report that a person reads first within shortLines lines: of each part as much
// as leaves room for all.
func (p printer) short(r reports.Report) error {
	begin := p.out.Len()
	for _, p.most = range extents {
		p.out.Truncate(begin)
		if err := p.summary(r); err != nil {
			return err
		}
		if p.width < DefaultWidth || bytes.Count(p.out.Bytes()[begin:], []byte("\n")) <= shortLines {
			break
		}
	}
	return nil
}

// summary writes what did not hold, then budgets, requests and everything else in a line each.
func (p printer) summary(r reports.Report) error {
	p.verdict(r)
	p.unheld(r)
	summaries := []tables.Table{p.budgetGroups(r), p.slowRequests(r), p.facts(r)}
	for _, t := range summaries {
		if err := p.table(t); err != nil {
			return fmt.Errorf("lay out the summary: %w", err)
		}
	}
	return nil
}

// verdict writes the verdict with its reason, how the run ended, and the target.
func (p printer) verdict(r reports.Report) {
	m := tables.Marks[r.Verdict]
	word := strings.ToUpper(m.Word)
	said := strings.TrimSpace(fmt.Sprintf("%s %s: %s", word, fit.Line(r.Scenario, fit.NameWidth), fit.Line(headline(r), 300)))
	for i, row := range fit.Wrap(said, p.width) {
		if rest, found := strings.CutPrefix(row, word); found && i == 0 {
			row = p.paint(word, m.Paint, color.Bold) + rest
		}
		fmt.Fprintln(p.out, row)
	}
	p.lines(ending(r))
	p.lines(aim(r))
}

// tightestBudget is the part of a reason that the budgets of a pass repeat.
var tightestBudget = regexp.MustCompile(`; the tightest is \S+ with [^;]+ of its limit left`)

// headline returns the run's reason without what the table of budgets shows.
func headline(r reports.Report) string {
	if r.Verdict != assertions.Pass {
		return r.Reason
	}
	return tightestBudget.ReplaceAllString(r.Reason, "")
}

// hanging writes an item: a painted sign and text whose further lines are indented.
func (p printer) hanging(m tables.Mark, text string) {
	rows := fit.Wrap(m.Sign+" "+text, p.width)
	rest, _ := strings.CutPrefix(rows[0], m.Sign)
	fmt.Fprintln(p.out, p.paint(m.Sign, m.Paint)+rest)
	if len(rows) > 1 {
		p.paragraph(strings.TrimLeft(strings.TrimPrefix(m.Sign+" "+text, rows[0]), " "))
	}
}
