package tables

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// All returns the parts of a report that are tables, in the order in which they are shown.
func All(r reports.Report) []Table {
	return []Table{OverheadEffects(r), OverheadParts(r), CapacityProbes(r), budgets(r), identities(r), others(r), requests(r),
		latencies(r), steps(r), failures(r), Memory(r), Slowest(r), ledger(r), Circumstances(r), Shards(r)}
}

func budgets(r reports.Report) Table {
	t := Table{Title: "Budgets", Spare: []int{6, 5, 4}, Columns: []Column{
		{"", false}, {"budget", false}, {"measured", true}, {"limit", true}, {"margin", true}, {"samples", true}, {"window", false}}}
	for _, c := range reports.OfKind(r, func(c assertions.Check) bool { return !reports.Countable(c) && reports.Measurable(c) }) {
		worst, _ := c.Worst()
		measured, limit := Figures(worst)
		margin := "–"
		if worst.Margin != nil {
			margin = quantity.Share(*worst.Margin)
		}
		t.Add(MarkOf(c).Paint, MarkOf(c).Sign, fit.Line(c.ID, fit.IdWidth), measured, limit, margin,
			quantity.Count(float64(worst.Samples)), fit.Line(c.Window, fit.NameWidth))
	}
	return t
}

// Figures returns a finding's measured value, and its operator and limit; a dash stands for what it
// lacks.
func Figures(f assertions.Finding) (measured, limit string) {
	measured, limit = "–", "–"
	switch {
	case f.Measured != nil && f.Limit != nil:
		measured, limit = quantity.Pair(*f.Measured, *f.Limit, f.Unit)
		limit = f.Operator + " " + limit
	case f.Measured != nil:
		measured = quantity.Show(*f.Measured, f.Unit)
	case f.Limit != nil:
		limit = f.Operator + " " + quantity.Show(*f.Limit, f.Unit)
	}
	return fit.Line(measured, fit.NameWidth), fit.Line(limit, fit.NameWidth)
}

// identities sets what the client knows beside what the server counted. A check that held is one
// row, the sum of its series; of one that did not each series is a row.
func identities(r reports.Report) Table {
	t := Table{Title: "Identities", Spare: []int{4}, Columns: []Column{
		{"", false}, {"what", false}, {"client n", true}, {"server Δ", true}, {"difference", true}}}
	for _, c := range reports.OfKind(r, reports.Countable) {
		rows := reports.Series(c)
		if reports.Held(c) && len(rows) > 1 {
			t.addCount(MarkOf(c), fmt.Sprintf("%s (%d series)", fit.Line(c.ID, fit.NameWidth), len(rows)), reports.Sum(rows))
			continue
		}
		for _, f := range rows {
			m := Marks[f.Verdict]
			switch {
			case f.Verdict > assertions.Pass && c.Severity == assertions.Warning:
				m = Warned
			case f.Verdict > c.Verdict: // overruled: it is not known which of the two is wrong
				m = Marks[c.Verdict]
			}
			t.addCount(m, fit.Line(c.ID+Labels(f.Series), fit.IdWidth), *f.Count)
		}
	}
	return t
}

func (t *Table) addCount(m Mark, what string, n assertions.Count) {
	client := quantity.Count(n.Client)
	if n.Ambiguous != 0 {
		client += " to " + quantity.Count(n.Client+n.Ambiguous)
	}
	t.Add(m.Paint, m.Sign, what, client, quantity.Count(n.Server), Signed(n.Difference))
}

// Signed shows a difference with its sign.
func Signed(v float64) string {
	if v > 0 {
		return "+" + quantity.Count(v)
	}
	return quantity.Count(v)
}

// Labels shows a series' labels as {name="value", ...}, and nothing without any.
func Labels(series map[string]string) string {
	if len(series) == 0 {
		return ""
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(series)) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", name, fit.Line(series[name], fit.NameWidth)))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

func others(r reports.Report) Table {
	t := Table{Title: "Other checks", Columns: []Column{{"", false}, {"check", false}, {"found", false}}}
	for _, c := range reports.OfKind(r, func(c assertions.Check) bool { return !reports.Countable(c) && !reports.Measurable(c) }) {
		found := fit.Line(c.Sentence(), 300)
		if reports.Decides(c) {
			found = "above" // with what did not hold
		}
		t.AddRow(Row{Cells: []string{MarkOf(c).Sign, fit.Line(c.ID, fit.IdWidth), found}, Paint: MarkOf(c).Paint,
			Brief: reports.Held(c) && reports.Room(c) >= 0})
	}
	return t
}

func requests(r reports.Report) Table {
	t := Table{Title: "Requests (steady)", Spare: []int{2}, Columns: []Column{
		{"request", false}, {"hits", true}, {"rate", true}, {"errors", true}, {"by kind", false}}}
	for _, q := range r.Requests {
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(q.Kinds)) {
			kinds = append(kinds, fmt.Sprintf("%s %s", quantity.Count(float64(q.Kinds[kind])), fit.Line(kind, fit.KindsWidth)))
		}
		t.Add(0, fit.Line(q.Name, fit.NameWidth), Count(q.Hits), quantity.Count(q.Rate)+"/s", Count(q.Errors),
			fit.Line(strings.Join(kinds, ", "), 300))
	}
	return t
}

func latencies(r reports.Report) Table {
	t := Table{Title: "Latency (steady; from the due time, service from sending)", Spare: []int{2, 5, 3, 7, 1},
		Columns: []Column{
			{"request", false}, {"p50", true}, {"p90", true}, {"p95", true}, {"p99", true}, {"p99.9", true}, {"max", true}, {"service p99", true}}}
	for _, q := range r.Requests {
		t.Add(0, fit.Line(q.Name, fit.NameWidth), quantity.Seconds(q.Latency.P50), quantity.Seconds(q.Latency.P90),
			NinetyFifth(q.Latency), quantity.Seconds(q.Latency.P99),
			quantity.Seconds(q.Latency.P999), quantity.Seconds(q.Latency.Max), quantity.Seconds(q.Service.P99))
	}
	return t
}

func steps(r reports.Report) Table {
	t := Table{Title: "Steps (the whole run)", Spare: []int{3, 2},
		Columns: []Column{{"step", false}, {"count", true}, {"p50", true}, {"p90", true}, {"p99", true}, {"max", true}}}
	for _, s := range r.Steps {
		t.Add(0, fit.Line(s.Name, fit.NameWidth), Count(s.Count), quantity.Seconds(s.Took.P50), quantity.Seconds(s.Took.P90),
			quantity.Seconds(s.Took.P99), quantity.Seconds(s.Took.Max))
	}
	return t
}

// Count shows a count.
func Count(n uint64) string { return quantity.Count(float64(n)) }

func ledger(r reports.Report) Table {
	t := Table{Title: "Ledger (the whole run)", Spare: []int{1}, Columns: []Column{
		{"request", false}, {"credential", false}, {"status", true}, {"outcome", false}, {"hits", true}}}
	for _, e := range r.Ledger {
		t.Add(0, fit.Line(e.Request, fit.NameWidth), fit.Line(e.Credential, fit.NameWidth), statusOf(e.Status),
			fit.Line(e.Outcome, fit.NameWidth), Count(e.Hits))
	}
	return t
}

// NinetyFifth shows the p95, and a dash for a run of a version that kept none.
func NinetyFifth(l reports.Quantiles) string {
	if l.P95 == 0 && l.P50 > 0 {
		return "–"
	}
	return quantity.Seconds(l.P95)
}

// SlowestFirst returns requests by their p99, the total before all.
func SlowestFirst(requests []reports.Request) []reports.Request {
	return slices.SortedStableFunc(slices.Values(requests), func(a, b reports.Request) int {
		switch {
		case a.Name == b.Name:
			return 0
		case a.Name == reports.Total:
			return -1
		case b.Name == reports.Total:
			return 1
		}
		return cmp.Compare(b.Latency.P99, a.Latency.P99)
	})
}
