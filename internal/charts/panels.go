package charts

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/reports"
)

// panels adds the panels in the order in which a person looks at them; one without lines is left
// out.
func (t *drawn) panels() {
	seconds := t.step.Seconds()
	t.add("rate", "Rate", "per second",
		t.one("planned", reports.Plan, "increase(brrtload_planned_total[S] anchored) / %g", seconds),
		t.one("sent", reports.Client, "increase(brrtload_sent_total[S] anchored) / %g", seconds),
		t.one("answered", reports.Client, `sum(increase(brrtload_hits_total{outcome="answered"}[S] anchored)) / %g`,
			seconds))
	t.latency()
	t.add("errors", "Hits that were not answered with 2xx or 3xx", "per second", t.errors(seconds))
	t.add("in-flight", "In flight", "", append([][]reports.Line{
		t.one("client", reports.Client, "max(max_over_time(brrtload_in_flight[S]))")},
		t.gauges(inFlight, "", "max by (__name__) (max_over_time({__name__=%q}[S]))")...)...)
	t.add("cpu", "CPU, in cores", "",
		t.one("service, by the kernel", reports.Kernel,
			"sum(increase(brrtload_target_cpu_seconds_total[S] anchored)) / %g", seconds),
		t.one("service, as reported", reports.Service, "sum(increase(process_cpu_seconds_total[S] anchored)) / %g",
			seconds),
		t.one("generator", reports.Client, "sum(increase(brrtload_generator_cpu_seconds_total[S] anchored)) / %g",
			seconds))
	t.add("memory", "Resident memory", "B",
		t.one("service, by the kernel", reports.Kernel, "sum(brrtload_target_resident_memory_bytes)"),
		t.one("service, as reported", reports.Service, "sum(process_resident_memory_bytes)"),
		t.one("generator", reports.Client, "sum(brrtload_generator_resident_memory_bytes)"))
	t.add("stacks", "Deepest coroutine stack of each size, in bytes", "B", t.many(reports.Kernel, "size",
		`max by (size) (max_over_time(brrtload_target_stack_used_bytes{kind="coroutine",stat="max"}[S]))`))
	t.add("scrapes", "Duration of scrapes", "s", t.many(reports.Client, "endpoint",
		"max by (endpoint) (max_over_time(brrtload_scrape_seconds[S]))"))
}

// add adds a panel with those of its lines that have values.
func (t *drawn) add(id, title, unit string, lines ...[]reports.Line) {
	if all := slices.Concat(lines...); len(all) > 0 {
		t.Panels = append(t.Panels, reports.Panel{ID: id, Title: title, Unit: unit, Lines: all})
	}
}

// one returns the one line of an expression, none when it has no value.
func (t *drawn) one(name string, side reports.Side, expr string, args ...any) []reports.Line {
	if line, ok := t.line(name, side, expr, args...); ok {
		return []reports.Line{line}
	}
	return nil
}

// many returns a line for each value of a label, the largest first.
func (t *drawn) many(side reports.Side, label, expr string, args ...any) []reports.Line {
	points := t.lines(expr, args...)
	slices.SortStableFunc(points, func(a, b evidence.Points) int { return cmp.Compare(total(b.Values), total(a.Values)) })
	var lines []reports.Line
	for _, p := range points {
		if len(lines) < maxLines && !empty(p.Values) {
			lines = append(lines, reports.Line{Name: p.Labels[label], Side: side, Values: p.Values})
		}
	}
	return lines
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		if v == v {
			sum += v
		}
	}
	return sum
}

// latency adds the panel of the client's latency and, where a histogram of the service is known,
// its own.
func (t *drawn) latency() {
	quantile := func(name, q string) []reports.Line {
		return t.one(name, reports.Client,
			"histogram_quantile(%s, sum(increase(brrtload_latency_seconds[S] anchored)))", q)
	}
	lines := [][]reports.Line{quantile("p50", "0.5"), quantile("p99", "0.99"), quantile("max", "1")}
	if server, classic, ok := t.durations(); ok {
		what := "sum(increase({__name__=%q}[S] anchored))"
		if classic {
			what, server = "sum by (le) (increase({__name__=%q}[S] anchored))", server+"_bucket"
		}
		for _, q := range []string{"0.5", "0.99"} {
			name := "service p" + strings.TrimSuffix(strings.TrimPrefix(q, "0."), "0")
			if q == "0.5" {
				name = "service p50"
			}
			lines = append(lines, t.one(name, reports.Service, "histogram_quantile("+q+", "+what+")", server))
		}
	}
	t.add("latency", "Latency", "s", lines...)
}

// errors returns the hits that were not answered well, by status or by the kind of trouble.
func (t *drawn) errors(seconds float64) []reports.Line {
	points := t.lines(`sum by (status, outcome, kind) (increase(brrtload_hits_total{status!~"2..|3.."}[S] anchored)) / %g`, seconds)
	slices.SortStableFunc(points, func(a, b evidence.Points) int { return cmp.Compare(total(b.Values), total(a.Values)) })
	var lines []reports.Line
	for _, p := range points {
		if len(lines) == maxLines || allZero(p.Values) {
			continue
		}
		name := cmp.Or(p.Labels["kind"], p.Labels["outcome"])
		if status := p.Labels["status"]; status != "" && p.Labels["outcome"] == "answered" {
			name = "status " + status
		}
		lines = append(lines, reports.Line{Name: name, Side: reports.Client, Values: p.Values})
	}
	return lines
}

// inFlight matches the names of gauges of requests in flight, as the common instrumentations have
// them.
var inFlight = regexp.MustCompile(`(?i)(active|in_?flight|in_?progress|open|concurrent)_?requests|requests_?(active|in_?flight|in_?progress|current)|http.*active`)

// requestDuration matches the names of histograms of how long requests took.
var requestDuration = regexp.MustCompile(`(?i)(http|request|route|rpc).*(duration|latency|seconds)`)

// gauges returns a line for each of the service's gauges with such a name, the first three.
func (t *drawn) gauges(names *regexp.Regexp, unit, expr string) (lines [][]reports.Line) {
	for _, f := range t.families() {
		if f.Type == "gauge" && f.Unit == unit && names.MatchString(f.Name) && len(lines) < 3 {
			lines = append(lines, t.one(f.Name, reports.Service, expr, f.Name))
		}
	}
	return lines
}

// durations returns the service's histogram of how long requests took: the one that an assertion
// holds against the client's, or else the first with such a name.
func (t *drawn) durations() (name string, classic, ok bool) {
	for _, a := range t.in.Assertions {
		if part := a.About().Part; part != "" {
			name = part
		}
	}
	for _, f := range t.families() {
		if f.Type == "histogram" && (f.Name == name || name == "" && requestDuration.MatchString(f.Name)) {
			_, classic = f.Labels["le"]
			return f.Name, classic || t.hasBuckets(f.Name), true
		}
	}
	return "", false, false
}

func (t *drawn) hasBuckets(name string) bool {
	return len(t.lines("count({__name__=%q})", name+"_bucket")) > 0
}

// families returns what was exposed in the run.
func (t *drawn) families() []facts.Family {
	w, ok := t.in.Store.Window(facts.Run)
	if !ok {
		w, _ = t.in.Store.Window(facts.Scraped)
	}
	return t.in.Store.Families(w)
}
