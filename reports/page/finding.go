package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/chart"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

const (
	// maxOpen is the number of findings that stand open at first; those that rest on another stay
	// closed.
	maxOpen = 3
	// maxDetailed bounds the findings with charts and samples; all have their texts.
	maxDetailed = 20
	// maxCounts bounds the rows of an identity.
	maxCounts = 20
	// maxRead is the number of metrics that a finding names.
	maxRead = 6
	// maxTraced is the number of traces that a finding shows.
	maxTraced = 3
)

type checkView struct {
	Anchor, ID, Sign, Class, Reason string
}

type findingView struct {
	checkView
	Open     bool
	First    bool // what belongs to it stands open, too
	Why      string
	More     []string
	Counts   []countView
	Counted  bool // it compares counts
	Charts   []picture
	Facts    []fact
	Exhibits []reports.Exhibit
	Log      []loggedView
	Traces   *tableView
	Rests    []checkView
	LogOpen  bool
	Measured bool // how the run was measured is the cause
}

type countView struct{ Series, Client, Server, Difference, Share string }

func checkViewOf(c assertions.Check) checkView {
	m := tables.MarkOf(c)
	class := tables.ClassOf(c.Verdict)
	if m == tables.Warned {
		class = "warning"
	}
	return checkView{Anchor: tables.Anchor(c.ID), ID: fit.Line(c.ID, fit.IdWidth), Sign: m.Sign, Class: class,
		Reason: fit.Text(c.Sentence())}
}

func findingViews(r reports.Report, charts reports.Timeline) (views []findingView) {
	broken := reports.Broken(r)
	if i := slices.IndexFunc(broken, func(c assertions.Check) bool { return c.ID == r.DecidedBy }); i > 0 {
		first := broken[i] // the one that the reason names
		broken = slices.Insert(slices.Delete(slices.Clone(broken), i, i+1), 0, first)
	}
	causes, shown := 0, map[string]bool{}
	for _, c := range tables.Echoed(broken) {
		f := findingOf(c)
		if !reports.Accused(c) { // the check that found the telemetry untruthful shows what both rest on
			f.Open, f.First = causes < maxOpen && !shown[f.Reason], causes == 0
			f.LogOpen = f.First && r.End == reports.TargetDied || f.Counted
			if causes < maxDetailed {
				f.detail(c, r, charts)
			}
			if !f.Open { // the sections on traces and the log have them all
				f.Traces, f.Log = nil, f.Log[:min(len(f.Log), 1)]
			}
			causes++
			shown[f.Reason] = true
		}
		f.rest(c, broken)
		views = append(views, f)
	}
	return views
}

// findingOf returns what a check found, without what it rests on.
func findingOf(c assertions.Check) findingView {
	said := func(f assertions.Finding) bool { return tables.Tabled(f) || strings.Contains(c.Sentence(), f.Text) }
	f := findingView{checkView: checkViewOf(c), Why: fit.Text(c.Why), More: tables.Findings(c, said), Facts: checkFacts(c),
		Counted: reports.Countable(c)}
	if o := c.Overruled; o != nil {
		f.Measured = o.Cause == assertions.Busy || o.Cause == assertions.Undelivered
	}
	for i, x := range reports.Series(c) {
		if i == maxCounts {
			break
		}
		client := quantity.Count(x.Count.Client)
		if x.Count.Ambiguous > 0 {
			client += " to " + quantity.Count(x.Count.Client+x.Count.Ambiguous)
		}
		f.Counts = append(f.Counts, countView{fit.Text(cmp.Or(tables.Labels(x.Series), "all")), client,
			quantity.Count(x.Count.Server), tables.Signed(-x.Count.Difference), share(*x.Count)})
	}
	return f
}

// share returns a difference as a share of what the client counted.
func share(n assertions.Count) string {
	if n.Client == 0 || n.Difference == 0 {
		return ""
	}
	return quantity.Share(-n.Difference / n.Client)
}

// rest adds the checks that were not judged because of this one.
func (f *findingView) rest(c assertions.Check, broken []assertions.Check) {
	for _, other := range broken {
		if other.ID != c.ID && other.Overruled.Accuses() && other.Overruled.By == c.ID {
			f.Rests = append(f.Rests, checkViewOf(other))
		}
	}
}

// detail adds what a finding's check rests on: charts, samples, log lines, traces.
func (f *findingView) detail(c assertions.Check, r reports.Report, charts reports.Timeline) {
	worst, _ := c.Worst()
	for _, i := range worstResiduals(charts, 1, c.ID) {
		f.Charts = append(f.Charts, residualPicture(charts, i, "client − service, over time"))
	}
	for i, trend := range charts.Trends {
		if trend.Check == c.ID && len(trend.Values) > 1 {
			f.Charts = append(f.Charts, picture{Title: "Measured over the window", Data: fmt.Sprint("trend ", i),
				Keys: []chart.Key{{Name: "measured", Class: "client0"}, {Name: "limit", Class: "limit"}}, SVG: chart.Trend(charts, trend, worst)})
			if trend.Failed != nil && c.Verdict == assertions.Fail {
				when := fmt.Sprintf("%.1f s after the load began", *trend.Failed)
				f.Facts = append(f.Facts, fact{Name: "first failed", Text: when})
			}
		}
	}
	for _, e := range r.Exhibits {
		if e.Check == c.ID {
			f.Exhibits = append(f.Exhibits, shownExhibit(e))
		}
	}
	f.Log = loggedFor(c, r.Log)
	if len(r.Traces) > 0 && (worst.Unit == "s" || slices.Contains(c.Metrics, "brrtload_spans_total")) {
		traces := viewOfTable(tables.Slowest(r))
		f.Traces = &traces
		f.Traces.Rows = traces.Rows[:min(len(traces.Rows), maxTraced)]
	}
}

// shown returns the exhibit with texts that are fit to show.
func shownExhibit(e reports.Exhibit) reports.Exhibit {
	e.Endpoint = fit.Line(e.Endpoint, fit.NameWidth)
	e.Samples = slices.Clone(e.Samples)
	for i, s := range e.Samples {
		e.Samples[i] = reports.Exposed{Series: fit.Line(s.Series, 300), Baseline: fit.Line(s.Baseline, fit.NameWidth), Final: fit.Line(s.Final, fit.NameWidth)}
	}
	return e
}

// checkFacts returns what a check rests on.
func checkFacts(c assertions.Check) (facts []fact) {
	add := func(name, value string, code bool) {
		if value != "" && value != "–" {
			facts = append(facts, fact{Name: name, Text: fit.Text(value), Code: code})
		}
	}
	worst, _ := c.Worst()
	measured, limit := tables.Figures(worst)
	add("measured", measured, false)
	add("limit", limit, false)
	if worst.Margin != nil {
		add("margin", quantity.Share(*worst.Margin), false)
	}
	if worst.Samples > 0 {
		add("samples", quantity.Count(float64(worst.Samples)), false)
	}
	add("reads", strings.Join(c.Metrics[:min(len(c.Metrics), maxRead)], " "), true)
	add("window", c.Window, false)
	add("query as run", c.Query, true)
	if c.Position.File != "" {
		add("written at", tables.Written(c.Position), true)
	}
	return facts
}
