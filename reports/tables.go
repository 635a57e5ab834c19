package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
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

// tables gives the parts of a report that are tables, in the order in which they are shown.
func tables(r Report) []table {
	return []table{overheadEffects(r), budgets(r), identities(r), others(r), requests(r), latencies(r), ledger(r), generator(r), target(r), scrapes(r)}
}

// ofKind gives the checks of which keep holds, the worst first, otherwise in their own order.
func ofKind(r Report, keep func(assertions.Check) bool) []assertions.Check {
	var checks []assertions.Check
	for _, c := range r.Checks {
		if keep(c) {
			checks = append(checks, c)
		}
	}
	slices.SortStableFunc(checks, func(a, b assertions.Check) int { return cmp.Compare(rank(b), rank(a)) })
	return checks
}

// Broken gives the checks that did not hold, the worst first, warnings last. The slice is the caller's.
func Broken(r Report) []assertions.Check {
	return ofKind(r, func(c assertions.Check) bool { return !held(c) })
}

// rank orders checks: those that decide the verdict, then warnings, then those that held.
func rank(c assertions.Check) int {
	if !held(c) && !Decides(c) {
		return 1
	}
	return 2 * int(c.Verdict)
}

// countable tells whether a check compares counts, as identities do.
func countable(c assertions.Check) bool {
	return slices.ContainsFunc(c.Findings, func(f assertions.Finding) bool { return f.Count != nil })
}

// measurable tells whether all there is to a check is figures against limits.
func measurable(c assertions.Check) bool { return c.Kind == "budget" }

func budgets(r Report) table {
	t := table{title: "Budgets", columns: []column{
		{"", false}, {"budget", false}, {"measured", true}, {"limit", true}, {"margin", true}, {"samples", true}, {"window", false}}}
	for _, c := range ofKind(r, func(c assertions.Check) bool { return !countable(c) && measurable(c) }) {
		worst, _ := c.Worst()
		measured, limit := figures(worst)
		margin := "–"
		if worst.Margin != nil {
			margin = quantity.Share(*worst.Margin)
		}
		t.add(markOf(c).paint, markOf(c).sign, line(c.ID, idWidth), measured, limit, margin,
			strconv.Itoa(worst.Samples), line(c.Window, nameWidth))
	}
	return t
}

// figures gives a finding's measured value, and its operator and limit; a dash stands for what it lacks.
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

func identities(r Report) table {
	t := table{title: "Identities", columns: []column{
		{"", false}, {"what", false}, {"client n", true}, {"server Δ", true}, {"difference", true}}}
	for _, c := range ofKind(r, countable) {
		findings := slices.Clone(c.Findings)
		slices.SortStableFunc(findings, func(a, b assertions.Finding) int { return cmp.Compare(b.Verdict, a.Verdict) })
		for _, f := range findings {
			if f.Count == nil {
				continue
			}
			m := marks[f.Verdict]
			if f.Verdict != assertions.Pass && c.Severity == assertions.Warning {
				m = warned
			}
			client := quantity.Count(f.Count.Client)
			if f.Count.Ambiguous != 0 {
				client += " to " + quantity.Count(f.Count.Client+f.Count.Ambiguous)
			}
			t.add(m.paint, m.sign, line(c.ID+labels(f.Series), idWidth), client, quantity.Count(f.Count.Server), signed(f.Count.Difference))
		}
	}
	return t
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
	t := table{title: "Other checks", columns: []column{{"", false}, {"check", false}, {"kind", false}, {"found", false}}}
	for _, c := range ofKind(r, func(c assertions.Check) bool { return !countable(c) && !measurable(c) }) {
		t.add(markOf(c).paint, markOf(c).sign, line(c.ID, idWidth), line(c.Kind, nameWidth), line(c.Reason, 200))
	}
	return t
}

func requests(r Report) table {
	t := table{title: "Requests (steady)", columns: []column{
		{"request", false}, {"hits", true}, {"rate", true}, {"errors", true}, {"by kind", false}}}
	for _, q := range r.Requests {
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(q.Kinds)) {
			kinds = append(kinds, fmt.Sprintf("%s %s", quantity.Count(float64(q.Kinds[kind])), line(kind, kindsWidth)))
		}
		t.add(0, line(q.Name, nameWidth), count(q.Hits), quantity.Count(q.Rate)+"/s", count(q.Errors), line(strings.Join(kinds, ", "), 300))
	}
	return t
}

func latencies(r Report) table {
	t := table{title: "Latency (steady, from the due time; service time from the sending)", columns: []column{
		{"request", false}, {"p50", true}, {"p90", true}, {"p99", true}, {"p99.9", true}, {"max", true}, {"service p99", true}}}
	for _, q := range r.Requests {
		t.add(0, line(q.Name, nameWidth), quantity.Seconds(q.Latency.P50), quantity.Seconds(q.Latency.P90), quantity.Seconds(q.Latency.P99),
			quantity.Seconds(q.Latency.P999), quantity.Seconds(q.Latency.Max), quantity.Seconds(q.Service.P99))
	}
	return t
}

func count(n uint64) string { return quantity.Count(float64(n)) }

func ledger(r Report) table {
	t := table{title: "Ledger (the whole run)", columns: []column{
		{"request", false}, {"credential", false}, {"status", true}, {"outcome", false}, {"hits", true}}}
	for _, e := range r.Ledger {
		status := "–"
		if e.Status != 0 {
			status = strconv.Itoa(e.Status)
		}
		t.add(0, line(e.Request, nameWidth), line(e.Credential, nameWidth), status, line(e.Outcome, nameWidth), count(e.Hits))
	}
	return t
}

func generator(r Report) table {
	t := table{title: "Load generator", columns: []column{
		{"planned", true}, {"sent", true}, {"dropped", true}, {"lag p50", true}, {"lag p99", true}, {"lag max", true},
		{"floor p99", true}, {"CPU per hit", true}}}
	g := r.Generator
	if g.Planned > 0 {
		t.add(0, count(g.Planned), count(g.Sent), count(g.Dropped), quantity.Seconds(g.Lag.P50), quantity.Seconds(g.Lag.P99), quantity.Seconds(g.Lag.Max),
			quantity.Seconds(g.Floor.P99), quantity.Seconds(g.CPUPerHit))
	}
	return t
}

func target(r Report) table {
	t := table{title: "Target process", columns: []column{{"CPU", true}, {"CPU per hit", true}, {"peak resident", true}}}
	if r.Target.CPUSeconds > 0 || r.Target.ResidentPeak > 0 {
		t.add(0, quantity.Seconds(r.Target.CPUSeconds), quantity.Seconds(r.Target.CPUPerHit), quantity.Bytes(r.Target.ResidentPeak))
	}
	return t
}

func scrapes(r Report) table {
	t := table{title: "Scrapes", columns: []column{
		{"endpoint", false}, {"scrapes", true}, {"failed", true}, {"missed", true}, {"took", true}, {"size", true}, {"series", true}}}
	for _, s := range r.Scrapes {
		t.add(0, line(s.Endpoint, idWidth), strconv.Itoa(s.Count), strconv.Itoa(s.Failed), strconv.Itoa(s.Missed),
			quantity.Seconds(s.Seconds), quantity.Bytes(s.Bytes), strconv.Itoa(s.Series))
	}
	return t
}
