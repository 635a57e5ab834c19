package reports

import (
	"cmp"
	"fmt"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"path"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/quantity"
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
func (p printer) budgetGroups(r Report) table {
	t := table{spare: []int{3}, columns: []column{{"", false}, {"budgets", false}, {"held", true}, {"least room", true},
		{"", false}}}
	if r.Verdict != assertions.Pass {
		return t
	}
	groups := grouped(r)
	for _, g := range groups[:min(len(groups), p.most.groups)] {
		kept, least := 0, "–"
		for _, c := range g.checks {
			if held(c) {
				kept++
			}
		}
		if tightest, _ := g.checks[0].Worst(); tightest.Margin != nil {
			least = quantity.Share(*tightest.Margin)
		}
		t.add(markOf(g.checks[0]).paint, markOf(g.checks[0]).sign, line(g.name, nameWidth),
			fmt.Sprintf("%d of %d", kept, len(g.checks)), least, "")
	}
	room := p.width - total(p.squeezed(t, minText)) - gap
	for i, row := range t.rows {
		row.cells[4] = fitting(groups[i].checks, room)
	}
	if left := len(groups) - len(t.rows); left > 0 {
		t.left, t.rest = left, "packs with --full"
	}
	return t
}

// grouped returns the budgets by pack or file: the worst first, then those with the least room.
func grouped(r Report) []group {
	var groups []group
	for _, c := range ofKind(r, func(c assertions.Check) bool { return measurable(c) && !countable(c) }) {
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
		measured, limit := figures(worst)
		next := line(c.ID, idWidth) + " " + measured + " " + limit
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
func (p printer) slowRequests(r Report) table {
	t := table{spare: []int{2, 5, 4, 7, 1}, columns: []column{
		{"request", false}, {"hits", true}, {"rate", true}, {"errors", true}, {"p50", true}, {"p95", true}, {"p99", true}, {"max", true}}}
	requests := slowestFirst(r.Requests)
	if len(requests) == 2 { // one request is the total
		requests = slices.DeleteFunc(requests, func(q Request) bool { return q.Name == Total })
	}
	failing := 0
	for i, q := range requests {
		if i > p.most.requests || i == p.most.requests && requests[0].Name != Total {
			t.left++
			failing += index(q.Errors > 0)
			continue
		}
		l := q.Latency
		t.addRow(row{cells: []string{line(q.Name, nameWidth), count(q.Hits), quantity.Count(q.Rate) + "/s",
			count(q.Errors), quantity.Seconds(l.P50),
			ninetyFifth(l), quantity.Seconds(l.P99), quantity.Seconds(l.Max)}})
	}
	t.rest = "requests with --full"
	if failing > 0 {
		t.rest += fmt.Sprintf(", %d of them with errors", failing)
	}
	t.cut(p.widths(p.narrowed(t))[0])
	return t
}

// slowestFirst returns requests by their p99, the total before all.
func slowestFirst(requests []Request) []Request {
	return slices.SortedStableFunc(slices.Values(requests), func(a, b Request) int {
		if a.Name == Total || b.Name == Total {
			return cmp.Compare(index(b.Name == Total), index(a.Name == Total))
		}
		return cmp.Compare(b.Latency.P99, a.Latency.P99)
	})
}

// ninetyFifth shows the p95, and a dash for a run of a version that kept none.
func ninetyFifth(l Quantiles) string {
	if l.P95 == 0 && l.P50 > 0 {
		return "–"
	}
	return quantity.Seconds(l.P95)
}

func index(is bool) int {
	if is {
		return 1
	}
	return 0
}

// cut shortens the names in the first column to one line each. Their ends stay: names of requests
// often begin alike.
func (t *table) cut(width int) {
	for i := range t.rows {
		name := []rune(t.rows[i].cells[0])
		for front := width / 3; twwidth.Width(string(name)) > width && len(name) > front+2; {
			name = slices.Concat(name[:front], []rune("…"), name[front+2:])
		}
		t.rows[i].cells[0] = string(name)
	}
}
