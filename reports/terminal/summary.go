package terminal

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// maxTightest is the largest number of budgets that the line of a group shows.
const maxTightest = 3

// group is the budgets of one pack or file.
type group struct {
	name   string
	checks []assertions.Check
}

// budgetGroups summarizes the budgets of a run that passed, a line for each pack or file: how many
// held, and those with the least room.
func (p printer) budgetGroups(r reports.Report) tables.Table {
	t := tables.Table{Spare: []int{3}, Columns: []tables.Column{{Name: "", Figure: false}, {Name: "budgets", Figure: false}, {Name: "held", Figure: true}, {Name: "least room", Figure: true},
		{Name: "", Figure: false}}}
	if r.Verdict != assertions.Pass {
		return t
	}
	groups := grouped(r)
	for _, g := range groups[:min(len(groups), p.most.groups)] {
		kept, least := 0, "–"
		for _, c := range g.checks {
			if reports.Held(c) {
				kept++
			}
		}
		if tightest, _ := g.checks[0].Worst(); tightest.Margin != nil {
			least = quantity.Share(*tightest.Margin)
		}
		t.Add(tables.MarkOf(g.checks[0]).Paint, tables.MarkOf(g.checks[0]).Sign, fit.Line(g.name, fit.NameWidth),
			fmt.Sprintf("%d of %d", kept, len(g.checks)), least, "")
	}
	room := p.width - total(p.squeezed(t, minText)) - gap
	for i, row := range t.Rows {
		row.Cells[4] = fitting(groups[i].checks, room)
	}
	if left := len(groups) - len(t.Rows); left > 0 {
		t.Left, t.Rest = left, "packs with --full"
	}
	return t
}

// grouped returns the budgets by pack or file: the worst first, then those with the least room.
func grouped(r reports.Report) []group {
	var groups []group
	for _, c := range reports.OfKind(r, func(c assertions.Check) bool { return reports.Measurable(c) && !reports.Countable(c) }) {
		name := origin(c.Position)
		i := slices.IndexFunc(groups, func(g group) bool { return g.name == name })
		if i < 0 {
			groups = append(groups, group{name: name})
			i = len(groups) - 1
		}
		groups[i].checks = append(groups[i].checks, c)
	}
	return groups
}

// origin names the pack or the file in which a check is written.
func origin(at diag.Position) string {
	if _, shipped := at.Shipped(); shipped {
		return strings.TrimSuffix(diag.Embedded(at.File), ".yaml")
	}
	if at.File == "" {
		return "scenario"
	}
	return path.Base(at.File)
}

// fitting shows the budgets with the least room: one, and as many more as fit the width.
func fitting(checks []assertions.Check, width int) string {
	text := ""
	for i, c := range checks[:min(len(checks), maxTightest)] {
		worst, _ := c.Worst()
		measured, limit := tables.Figures(worst)
		next := fit.Line(c.ID, fit.IdWidth) + " " + measured + " " + limit
		if i > 0 {
			next = text + ", " + next
		}
		if i > 0 && twwidth.Width(next) > width {
			break
		}
		text = next
	}
	return text
}

// slowRequests is the requests with the highest p99: their hits, errors and latency from the due
// time. The first row is of all together.
func (p printer) slowRequests(r reports.Report) tables.Table {
	t := tables.Table{Spare: []int{2, 5, 4, 7, 1}, Columns: []tables.Column{
		{Name: "request", Figure: false}, {Name: "hits", Figure: true}, {Name: "rate", Figure: true}, {Name: "errors", Figure: true}, {Name: "p50", Figure: true}, {Name: "p95", Figure: true}, {Name: "p99", Figure: true}, {Name: "max", Figure: true}}}
	requests := tables.SlowestFirst(r.Requests)
	if len(requests) == 2 { // one request is the total
		requests = slices.DeleteFunc(requests, func(q reports.Request) bool { return q.Name == reports.Total })
	}
	failing := 0
	for i, q := range requests {
		if i > p.most.requests || i == p.most.requests && requests[0].Name != reports.Total {
			t.Left++
			failing += index(q.Errors > 0)
			continue
		}
		l := q.Latency
		t.AddRow(tables.Row{Cells: []string{fit.Line(q.Name, fit.NameWidth), tables.Count(q.Hits), quantity.Count(q.Rate) + "/s",
			tables.Count(q.Errors), quantity.Seconds(l.P50),
			tables.NinetyFifth(l), quantity.Seconds(l.P99), quantity.Seconds(l.Max)}})
	}
	t.Rest = "requests with --full"
	if failing > 0 {
		t.Rest += fmt.Sprintf(", %d of them with errors", failing)
	}
	cutNames(&t, p.widths(p.narrowed(t))[0])
	return t
}

// cut shortens the names in the first column to one line each. Their ends stay: names of requests
// often begin alike.
func cutNames(t *tables.Table, width int) {
	for i := range t.Rows {
		name := []rune(t.Rows[i].Cells[0])
		for front := width / 3; twwidth.Width(string(name)) > width && len(name) > front+2; {
			name = slices.Concat(name[:front], []rune("…"), name[front+2:])
		}
		t.Rows[i].Cells[0] = string(name)
	}
}

func index(is bool) int {
	if is {
		return 1
	}
	return 0
}
