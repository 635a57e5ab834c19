package reports

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
)

// The widths, in characters, that names get in a table.
const (
	idWidth    = 60
	nameWidth  = 40
	kindsWidth = 60
)

// tables returns the parts of a report that are tables, in the order in which they are shown.
func tables(r Report) []table {
	return []table{overheadEffects(r), overheadParts(r), capacityProbes(r), budgets(r), identities(r), others(r), requests(r),
		latencies(r), steps(r), failures(r), slowest(r), ledger(r), circumstances(r), shards(r)}
}

// ofKind returns the checks of which keep holds: the worst first, of those the ones that found it
// out by themselves, then those with the least room, otherwise in their own order.
func ofKind(r Report, keep func(assertions.Check) bool) []assertions.Check {
	var checks []assertions.Check
	for _, c := range r.Checks {
		if keep(c) {
			checks = append(checks, c)
		}
	}
	slices.SortStableFunc(checks, func(a, b assertions.Check) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(room(a), room(b)))
	})
	return checks
}

// Broken returns the checks that did not hold, the worst first, warnings last. The slice is the
// caller's.
func Broken(r Report) []assertions.Check {
	return ofKind(r, func(c assertions.Check) bool { return !held(c) })
}

// rank orders checks: those that decide the verdict, then warnings, then those that held. Of one
// verdict, what another check made of a check comes after what was found by itself.
func rank(c assertions.Check) int {
	switch {
	case !held(c) && !Decides(c):
		return 1
	case overruled(c):
		return 3*int(c.Verdict) - 1
	default:
		return 3 * int(c.Verdict)
	}
}

// room returns the least margin of a check, as a share of its limit; those without a margin come
// last.
func room(c assertions.Check) float64 {
	worst, _ := c.Worst()
	if worst.Margin == nil || math.IsNaN(*worst.Margin) {
		return math.Inf(1)
	}
	return *worst.Margin
}

// overruled reports whether the check's verdict is another check's doing: the telemetry it rests on
// lies, or the load was not what was planned.
func overruled(c assertions.Check) bool {
	worst, ok := c.Worst()
	return ok && worst.Verdict != c.Verdict
}

// countable reports whether a check compares counts, as identities do.
func countable(c assertions.Check) bool {
	return slices.ContainsFunc(c.Findings, func(f assertions.Finding) bool { return f.Count != nil })
}

// measurable reports whether all there is to a check is figures against limits.
func measurable(c assertions.Check) bool { return c.Kind == "budget" }

func budgets(r Report) table {
	t := table{title: "Budgets", spare: []int{6, 5, 4}, columns: []column{
		{"", false}, {"budget", false}, {"measured", true}, {"limit", true}, {"margin", true}, {"samples", true}, {"window", false}}}
	for _, c := range ofKind(r, func(c assertions.Check) bool { return !countable(c) && measurable(c) }) {
		worst, _ := c.Worst()
		measured, limit := figures(worst)
		margin := "–"
		if worst.Margin != nil {
			margin = quantity.Share(*worst.Margin)
		}
		t.add(markOf(c).paint, markOf(c).sign, line(c.ID, idWidth), measured, limit, margin,
			quantity.Count(float64(worst.Samples)), line(c.Window, nameWidth))
	}
	return t
}

// figures returns a finding's measured value, and its operator and limit; a dash stands for what it
// lacks.
func figures(f assertions.Finding) (measured, limit string) {
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
	return line(measured, nameWidth), line(limit, nameWidth)
}

// identities sets what the client knows beside what the server counted. A check that held is one
// row, the sum of its series; of one that did not each series is a row.
func identities(r Report) table {
	t := table{title: "Identities", spare: []int{4}, columns: []column{
		{"", false}, {"what", false}, {"client n", true}, {"server Δ", true}, {"difference", true}}}
	for _, c := range ofKind(r, countable) {
		rows := series(c)
		if held(c) && len(rows) > 1 {
			t.addCount(markOf(c), fmt.Sprintf("%s (%d series)", line(c.ID, nameWidth), len(rows)), sum(rows))
			continue
		}
		for _, f := range rows {
			m := marks[f.Verdict]
			switch {
			case f.Verdict > assertions.Pass && c.Severity == assertions.Warning:
				m = warned
			case f.Verdict > c.Verdict: // overruled: it is not known which of the two is wrong
				m = marks[c.Verdict]
			}
			t.addCount(m, line(c.ID+labels(f.Series), idWidth), *f.Count)
		}
	}
	return t
}

func (t *table) addCount(m mark, what string, n assertions.Count) {
	client := quantity.Count(n.Client)
	if n.Ambiguous != 0 {
		client += " to " + quantity.Count(n.Client+n.Ambiguous)
	}
	t.add(m.paint, m.sign, what, client, quantity.Count(n.Server), signed(n.Difference))
}

// series returns the findings of a check that compare counts, the worst first.
func series(c assertions.Check) []assertions.Finding {
	var rows []assertions.Finding
	for _, f := range c.Findings {
		if f.Count != nil {
			rows = append(rows, f)
		}
	}
	slices.SortStableFunc(rows, func(a, b assertions.Finding) int { return cmp.Compare(b.Verdict, a.Verdict) })
	return rows
}

func sum(rows []assertions.Finding) (all assertions.Count) {
	for _, f := range rows {
		all.Client += f.Count.Client
		all.Ambiguous += f.Count.Ambiguous
		all.Server += f.Count.Server
		all.Difference += f.Count.Difference
	}
	return all
}

func signed(v float64) string {
	if v > 0 {
		return "+" + quantity.Count(v)
	}
	return quantity.Count(v)
}

// labels shows a series' labels as {name="value", ...}, and nothing without any.
func labels(series map[string]string) string {
	if len(series) == 0 {
		return ""
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(series)) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", name, line(series[name], nameWidth)))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

func others(r Report) table {
	t := table{title: "Other checks", columns: []column{{"", false}, {"check", false}, {"found", false}}}
	for _, c := range ofKind(r, func(c assertions.Check) bool { return !countable(c) && !measurable(c) }) {
		found := line(c.Sentence(), 300)
		if Decides(c) {
			found = "above" // with what did not hold
		}
		t.addRow(row{cells: []string{markOf(c).sign, line(c.ID, idWidth), found}, paint: markOf(c).paint,
			brief: held(c) && room(c) >= 0})
	}
	return t
}

func requests(r Report) table {
	t := table{title: "Requests (steady)", spare: []int{2}, columns: []column{
		{"request", false}, {"hits", true}, {"rate", true}, {"errors", true}, {"by kind", false}}}
	for _, q := range r.Requests {
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(q.Kinds)) {
			kinds = append(kinds, fmt.Sprintf("%s %s", quantity.Count(float64(q.Kinds[kind])), line(kind, kindsWidth)))
		}
		t.add(0, line(q.Name, nameWidth), count(q.Hits), quantity.Count(q.Rate)+"/s", count(q.Errors),
			line(strings.Join(kinds, ", "), 300))
	}
	return t
}

func latencies(r Report) table {
	t := table{title: "Latency (steady; from the due time, service from sending)", spare: []int{2, 5, 3, 7, 1},
		columns: []column{
			{"request", false}, {"p50", true}, {"p90", true}, {"p95", true}, {"p99", true}, {"p99.9", true}, {"max", true}, {"service p99", true}}}
	for _, q := range r.Requests {
		t.add(0, line(q.Name, nameWidth), quantity.Seconds(q.Latency.P50), quantity.Seconds(q.Latency.P90),
			ninetyFifth(q.Latency), quantity.Seconds(q.Latency.P99),
			quantity.Seconds(q.Latency.P999), quantity.Seconds(q.Latency.Max), quantity.Seconds(q.Service.P99))
	}
	return t
}

func steps(r Report) table {
	t := table{title: "Steps (the whole run)", spare: []int{3, 2},
		columns: []column{{"step", false}, {"count", true}, {"p50", true}, {"p90", true}, {"p99", true}, {"max", true}}}
	for _, s := range r.Steps {
		t.add(0, line(s.Name, nameWidth), count(s.Count), quantity.Seconds(s.Took.P50), quantity.Seconds(s.Took.P90),
			quantity.Seconds(s.Took.P99), quantity.Seconds(s.Took.Max))
	}
	return t
}

func count(n uint64) string { return quantity.Count(float64(n)) }

func ledger(r Report) table {
	t := table{title: "Ledger (the whole run)", spare: []int{1}, columns: []column{
		{"request", false}, {"credential", false}, {"status", true}, {"outcome", false}, {"hits", true}}}
	for _, e := range r.Ledger {
		t.add(0, line(e.Request, nameWidth), line(e.Credential, nameWidth), statusOf(e.Status),
			line(e.Outcome, nameWidth), count(e.Hits))
	}
	return t
}
