package discover

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

// requests of the scenario that are not of a known path.
const (
	unmatchedName = "no such path"
	headName      = "head"
	wrongName     = "post"
	unmatchedPath = "/brrtload-no-such-path"
)

// file builds a scenario.
type file struct{ strings.Builder }

func (f *file) say(format string, args ...any) { fmt.Fprintf(f, format+"\n", args...) }

// out writes a block as a comment.
func (f *file) out(reason, block string) {
	f.say("  # %s", reason)
	for line := range strings.Lines(block) {
		f.say("  # %s", strings.TrimRight(line, "\n"))
	}
}

// Scenario writes what was learned as a scenario that can be run: what to send, and what must hold.
func (l *Learned) Scenario(name string) string {
	var f file
	f.say("# yaml-language-server: $schema=scenario.schema.json")
	f.say(
		"# %s: load for %s, and what must hold of it. Written by `brrtload init` from an experiment with %d requests.",
		name,
		l.URL,
		l.Sent,
	)
	f.say(
		"# Check it with `brrtload validate %[1]s.yaml`, run it with `brrtload run %[1]s.yaml`. Every limit here is a start: change it.",
		name,
	)
	for _, finding := range l.Announced() {
		f.say("# Finding: %s.", finding)
	}
	if i := l.Instrumentation; i != nil {
		f.say("# Instrumentation: %s, by its names. Known of it:", i.Title)
		for _, quirk := range i.Quirks {
			f.say("# - %s", quirk)
		}
	}
	f.say(
		"description: known paths of %s at %d/s",
		strings.TrimPrefix(strings.TrimPrefix(l.URL, "http://"), "https://"),
		LoadRate,
	)
	f.say("")
	f.say("# The service that is loaded, and where its metrics are.")
	f.say("target:")
	f.say("  url: %s", quoted(l.URL))
	if first := l.Paths[0]; first.Status < 300 {
		f.say("  ready: %s # the load begins when this answers with a 2xx", quoted(first.Path))
	}
	f.say("  metrics: %s", quoted(l.Metrics))
	if len(l.scraping) > 0 {
		f.say("scrape:")
		f.say("  http: # the metrics ask for what the requests show")
		for _, line := range l.scraping {
			f.say("    %s", line)
		}
	}
	f.say("")
	f.say(
		"# How fast. The warm-up is counted, and not judged by budgets. The experiment calibrated the limits at this rate.",
	)
	f.say("warmup: {rate: %d, duration: 2s}", LoadRate)
	f.say("stages:")
	f.say("  - {name: steady load, rate: %d, duration: 10s}", LoadRate)
	f.say("")
	l.writeRequests(&f)
	l.writeIdentities(&f)
	l.writeBudgets(&f)
	l.writeGauge(&f)
	if l.Contract("") != "" {
		f.say("# The contract: metrics, types and labels that dashboards and alerts rely on.")
		f.say("contract: %s", quoted(name+".contract.yaml"))
	}
	return f.String()
}

func (l *Learned) writeRequests(f *file) {
	f.say("# What is sent, drawn by weight.")
	f.say("requests:")
	for _, p := range l.Paths {
		expect := ""
		if !good(p.Status) {
			expect = fmt.Sprintf(", expect: [%d]", p.Status)
		}
		f.say(
			"  - {name: %s, get: %s, weight: %d%s%s}",
			quoted("GET "+p.Path),
			quoted(escaped(p.Path)),
			max(1, 8/len(l.Paths)),
			expect,
			l.headers(),
		)
	}
	if status, ok := l.sends(Unmatched); ok {
		f.say("  # A path that no route matches: many services count these differently, or not at all.")
		f.say("  - {name: %s, get: %s, expect: [%d]%s}", unmatchedName, unmatchedPath, status, l.headers())
	}
	if status, ok := l.sends(Head); ok {
		f.say(
			"  - {name: %s, head: %s, expect: [%d]%s}",
			headName,
			quoted(escaped(l.Paths[0].Path)),
			status,
			l.headers(),
		)
	}
	if status, ok := l.sends(Wrong); ok {
		f.say(
			"  - {name: %s, post: %s, expect: [%d]%s}",
			wrongName,
			quoted(escaped(l.Paths[0].Path)),
			status,
			l.headers(),
		)
	}
	f.say("")
}

// sends reports whether the scenario sends requests of a kind: when all were answered with one
// status, and all or none were counted.
func (l *Learned) sends(kind string) (status int, ok bool) {
	for _, s := range l.Steps {
		if s.Kind != kind || len(s.Statuses) != 1 {
			continue
		}
		for status, n := range s.Statuses {
			all, none := true, false
			if l.Counter != nil {
				all, none = l.Counter.Countable(kind)
			}
			return status, n == s.Sent && (all || none)
		}
	}
	return 0, false
}

// omitted lists the requests of the scenario that the counter leaves out.
func (l *Learned) omitted() (names []string) {
	for _, k := range []struct{ kind, name string }{{Unmatched, unmatchedName}, {Head, headName}, {Wrong, wrongName}} {
		if _, none := l.Counter.Countable(k.kind); none {
			if _, sent := l.sends(k.kind); sent {
				names = append(names, k.name)
			}
		}
	}
	return names
}

func (l *Learned) writeIdentities(f *file) {
	f.say("# Identities: the client knows what it sent, and the service must have counted the same.")
	c := l.Counter
	if c == nil {
		if l.Turns {
			f.say("# None: each scrape shows the counts of one of several processes, so there is nothing to compare.")
		} else {
			f.say("# None: no metric of the service counted the requests of the experiment, so there is nothing to compare.")
		}
		f.say("")
		return
	}
	f.say("identities:")
	label, client := "", func(outcome string) string {
		return "increase(" + hits(outcome, l.omitted()) + "[range()] anchored)"
	}
	why := []string{"every request that is counted is counted once"}
	what := "answers"
	side := func(expr string) string { return "sum(" + expr + ")" }
	if c.Status != "" {
		label = c.Status
		what = "answers with {" + label + "}"
		why[0] += ", with the status that the client saw"
		side = func(expr string) string {
			switch pattern := map[Form]string{Codes: "$1", Classes: "$${1}xx", UpperClasses: "$${1}XX",
				Digits: "$1"}[c.Form]; {
			case c.Form == Codes && label == "status":
			case c.Form == Codes:
				expr = "label_replace(" + expr + ", " + strconv.Quote(
					label,
				) + ", " + strconv.Quote(
					pattern,
				) + `, "status", "(.*)")`
			default:
				expr = "label_replace(" + expr + ", " + strconv.Quote(
					label,
				) + ", " + strconv.Quote(
					pattern,
				) + `, "status", "(.)..")`
			}
			return "sum by (" + label + ") (" + expr + ")"
		}
		if c.Form != Codes {
			why = append(why, "the service counts classes ("+shown(c.Form, 200)+"), so codes are made classes")
		}
	} else {
		why = append(why, "the service has one total for all statuses")
	}
	if omitted := l.omitted(); len(omitted) > 0 {
		why = append(why, "the service does not count "+strings.Join(omitted, " and ")+", so these are left out")
	}
	server := l.server(&why)
	f.say("  - id: requests-counted")
	f.say("    why: %s", quoted(strings.Join(append(why, "abandoned requests: "+c.abandoned()), "; ")))
	f.say("    what: %s", quoted(what))
	f.say("    client: >-")
	f.say("      %s", side(client("answered")))
	f.say("    server: >-")
	f.say("      %s", strings.ReplaceAll(server, "${", "$${"))
	f.say("    ambiguous: >- # sent, and no complete answer: these may have been counted")
	f.say("      %s", side(client("cut")))
	f.say("      or sum(%s)", client("ambiguous"))
	if d := l.Duration; d != nil && d.Family+"_count" != c.Name {
		var t file
		t.say("- id: requests-timed")
		t.say("  why: every request that is counted is timed once")
		t.say("  other: %s", quoted("sum("+increase(c.Name, c.without())+")"))
		t.say("  server: %s", quoted("sum("+increase(d.Family+"_count", d.without())+")"))
		if d.TimesAll(c) && (c.PerScrape == 0) == (d.PerScrape == 0) && (c.Label == "") == (d.Label == "") {
			for line := range strings.Lines(t.String()) {
				f.say("  %s", strings.TrimRight(line, "\n"))
			}
		} else {
			f.out("Left out: in the experiment "+d.Family+" did not time all that "+c.Name+" counted.", t.String())
		}
	}
	f.say("")
	f.say("# Liveness: a counter that stands still under load is dead, and nothing that rests on it means anything.")
	f.say("liveness:")
	f.say("  - id: counter-alive")
	f.say("    why: %s", quoted(c.Name+" increased with each request of the experiment"))
	f.say("    metric: %s", quoted(selector(c.Name, nil)))
	f.say("    stimulus: sum(increase(%s[range()] anchored))", hits("answered", l.omitted()))
	f.say("    what: answers")
	if g := l.InFlight; g != nil && g.Confirmed {
		f.say("  - id: in-flight-alive")
		f.say("    why: scrapes that found a request in flight, time and again, cannot all have found none")
		f.say("    metric: %s", quoted(selector(g.Name, nil)))
		f.say("    stimulus: increase(brrtload_scrapes_amid_hits_total[range()] anchored) >= 5")
		f.say("    what: scrapes amid requests in flight")
	}
	f.say("")
}

// server returns the service's side of the identity.
func (l *Learned) server(why *[]string) string {
	c := l.Counter
	group := "sum"
	if c.Status != "" {
		group = "sum by (" + c.Status + ") "
	}
	all := group + "(" + increase(c.Name, c.without()) + ")"
	switch {
	case c.PerScrape == 0:
		return all
	case c.Label != "":
		*why = append(*why, fmt.Sprintf("scrapes are counted too, with %s=%q, and left out", c.Label, c.Value))
		return all
	}
	*why = append(
		*why,
		"scrapes are counted too and no label leaves them out, so brrtload's own are subtracted; another scraper makes a difference",
	)
	scrapes := `sum(increase(brrtload_scrapes_total{endpoint="target"}[range()] anchored))`
	if c.PerScrape != 1 {
		scrapes = fmt.Sprintf("%g * %s", c.PerScrape, scrapes)
	}
	if c.Status == "" {
		return all + " - " + scrapes
	}
	return fmt.Sprintf(
		`%[1]s - on (%[2]s) label_replace(%[3]s, "%[2]s", "%[4]s", "", "") or %[1]s`,
		all,
		c.Status,
		scrapes,
		shown(c.Form, 200),
	)
}

func (l *Learned) writeBudgets(f *file) {
	f.say("# Budgets: limits for the steady load.")
	f.say("budgets:")
	f.say("  - id: unexpected-results")
	f.say("    why: each request lists the statuses that it expects; anything else, and no answer at all, is a defect")
	f.say(`    expr: sum(increase(brrtload_unexpected_total{phase="steady"}[range()] anchored))`)
	f.say(`    must: "== 0"`)
	limit := Limit(l.Calibrated.ClientP99)
	f.say("  - id: client-p99")
	f.say(
		"    why: %s",
		quoted(
			fmt.Sprintf(
				"as the client saw it, from the due time: the calibration measured %s; the limit is 5 times that, rounded up, at least 100 ms",
				rounded(l.Calibrated.ClientP99),
			),
		),
	)
	f.say(
		`    expr: histogram_quantile(0.99, sum(increase(brrtload_latency_seconds{phase="steady"}[range()] anchored)))`,
	)
	f.say("    must: %s", quoted("< "+limit.String()))
	if c := l.Counter; c != nil && c.Status != "" {
		matcher := map[Form]string{Codes: `=~"5.."`, Classes: `="5xx"`, UpperClasses: `="5XX"`, Digits: `="5"`}[c.Form]
		failed := append([]string{c.Status + matcher}, c.without()...)
		f.say("  - id: server-errors")
		f.say("    why: the service's own error ratio, as an alert would read it")
		f.say("    expr: >-")
		f.say("      sum(%s)", increase(c.Name, failed))
		f.say("      / sum(%s)", increase(c.Name, c.without()))
		f.say(`    must: "< 1%%"`)
		f.say("    on_missing: zero # no such series is the good case")
	} else {
		f.say("  # No budget on the service's own errors: it has no label of the status.")
	}
	l.writeDuration(f)
	f.say("")
}

func (l *Learned) writeDuration(f *file) {
	d, c := l.Duration, l.Calibrated
	if d == nil {
		f.say("  # No budget on the service's own durations: it does not expose them.")
		return
	}
	scale := ""
	if d.Scale != 1 {
		scale = fmt.Sprintf(" / %g", d.Scale)
	}
	var b file
	switch {
	case !d.Buckets:
		b.say("- id: service-mean")
		b.say(
			"  why: %s",
			quoted(
				fmt.Sprintf(
					"a summary without buckets has no quantile that can be added up; the calibration measured a mean of %s, the limit is 5 times that, rounded up, at least 100 ms",
					rounded(c.Mean),
				),
			),
		)
		b.say("  expr: >-")
		b.say("    sum(%s)", increase(d.Family+"_sum", d.without()))
		b.say("    / sum(%s)%s", increase(d.Family+"_count", d.without()), scale)
		b.say("  must: %s", quoted("< "+Limit(c.Mean).String()))
	default:
		b.say("- id: service-p99")
		b.say(
			"  why: %s",
			quoted(
				fmt.Sprintf(
					"the service's own time; in the calibration 99 %% were at most %s, a bucket bound; the limit is 5 times that, rounded up, at least 100 ms",
					rounded(c.Service),
				),
			),
		)
		b.say("  expr: >-")
		b.say("    histogram_quantile(0.99, sum by (le) (%s))%s", increase(d.Family+"_bucket", d.without()), scale)
		b.say("  must: %s", quoted("< "+Limit(c.Service).String()))
	}
	switch {
	case !d.Buckets && c.Mean == 0, d.Buckets && c.Service == 0:
		f.out(
			"Left out: the calibration did not show how long requests take by "+d.Family+". Set a limit and remove the #.",
			b.String(),
		)
	case !d.Confirmed:
		f.out(
			"Left out: that "+d.Family+" is in "+d.Unit+" is a guess by its name. Check it and remove the #.",
			b.String(),
		)
	default:
		for line := range strings.Lines(b.String()) {
			f.say("  %s", strings.TrimRight(line, "\n"))
		}
	}
}

func (l *Learned) writeGauge(f *file) {
	g := l.InFlight
	f.say("# Return to baseline: a gauge of requests in flight that does not come back counts what is no more.")
	if g == nil {
		f.say("# None: the service exposes no gauge of requests in flight that its name shows.")
		f.say("")
		return
	}
	why := "it rose while requests were in flight and came back"
	if !g.Confirmed {
		why = "a guess by its name: requests were too fast for a scrape to meet one in flight"
	}
	if g.Counts {
		why += "; at rest it counts the scrape that reads it"
	}
	f.say("returns:")
	f.say("  - id: in-flight-returns")
	f.say("    why: %s", quoted(why))
	f.say("    gauge: %s", quoted("sum("+selector(g.Name, nil)+")"))
	f.say("")
}

// without returns the matcher that leaves scrapes out.
func (s Scrapes) without() []string {
	if s.Label == "" {
		return nil
	}
	return []string{s.Label + "!=" + strconv.Quote(s.Value)}
}

func hits(outcome string, omitted []string) string {
	matchers := `outcome="` + outcome + `"`
	if len(omitted) > 0 {
		matchers += `,request!~"` + strings.Join(omitted, "|") + `"`
	}
	return "brrtload_hits_total{" + matchers + "}"
}

func increase(name string, matchers []string) string {
	return "increase(" + selector(name, matchers) + "[range()] anchored)"
}

// selector writes a metric with matchers, as PromQL wants names that have other characters than
// letters, digits and underscores.
func selector(name string, matchers []string) string {
	if !model.LegacyValidation.IsValidMetricName(name) {
		return "{" + strings.Join(slices.Insert(slices.Clone(matchers), 0, strconv.Quote(name)), ",") + "}"
	}
	if len(matchers) == 0 {
		return name
	}
	return name + "{" + strings.Join(matchers, ",") + "}"
}

// quoted writes a text for YAML, in which a JSON string is one. A scenario replaces ${NAME}, and
// $${ stands for ${.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(strings.ReplaceAll(text, "${", "$${")) // a text can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}

// escaped keeps a path from being read as a template.
func escaped(path string) string {
	if !strings.Contains(path, "{{") {
		return path
	}
	return strings.ReplaceAll(path, "{{", "{{`{{`}}")
}
