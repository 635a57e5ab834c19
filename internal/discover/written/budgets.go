package written

import (
	"fmt"
	"strings"

	"brrtload/internal/discover"
)

// fiveTimes says how a limit comes from what was measured; see [discover.Limit].
const fiveTimes = "; the limit is 5 times that, rounded up, at least 100 ms"

func writeBudgets(l *discover.Learned, f *file) {
	f.say("# Budgets: limits for the steady load.")
	f.say("budgets:")
	f.say("  - id: unexpected-results")
	f.say("    why: each request lists the statuses that it expects; anything else, and no answer at all, is a defect")
	f.say(`    expr: sum(increase(brrtload_unexpected_total{phase="steady"}[range()] anchored))`)
	f.say(`    must: "== 0"`)
	limit := discover.Limit(l.Calibrated.ClientP99)
	f.say("  - id: client-p99")
	f.say("    why: %s", discover.Quoted("as the client saw it, from the due time: the calibration measured "+
		discover.Rounded(l.Calibrated.ClientP99)+fiveTimes))
	f.say("    expr: histogram_quantile(0.99, " +
		`sum(increase(brrtload_latency_seconds{phase="steady"}[range()] anchored)))`)
	f.say("    must: %s", discover.Quoted("< "+limit.String()))
	if c := l.Counter; c != nil && c.Status != "" {
		matcher := map[discover.Form]string{discover.Codes: `=~"5.."`, discover.Classes: `="5xx"`,
			discover.UpperClasses: `="5XX"`, discover.Digits: `="5"`}[c.Form]
		failed := append([]string{c.Status + matcher}, without(c.Scrapes)...)
		f.say("  - id: server-errors")
		f.say("    why: the service's own error ratio, as an alert would read it")
		f.say("    expr: >-")
		f.say("      sum(%s)", increase(c.Name, failed))
		f.say("      / sum(%s)", increase(c.Name, without(c.Scrapes)))
		f.say(`    must: "< 1%%"`)
		f.say("    on_missing: zero # no such series is the good case")
	} else {
		f.say("  # No budget on the service's own errors: it has no label of the status.")
	}
	writeDuration(l, f)
	f.say("")
}

func writeDuration(l *discover.Learned, f *file) {
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
		b.say("  why: %s", discover.Quoted("a summary without buckets has no quantile that can be added up; "+
			"the calibration measured a mean of "+discover.Rounded(c.Mean)+fiveTimes))
		b.say("  expr: >-")
		b.say("    sum(%s)", increase(d.Family+"_sum", without(d.Scrapes)))
		b.say("    / sum(%s)%s", increase(d.Family+"_count", without(d.Scrapes)), scale)
		b.say("  must: %s", discover.Quoted("< "+discover.Limit(c.Mean).String()))
	default:
		b.say("- id: service-p99")
		b.say("  why: %s", discover.Quoted("the service's own time; in the calibration 99 % were at most "+
			discover.Rounded(c.Service)+", a bucket bound"+fiveTimes))
		b.say("  expr: >-")
		b.say("    histogram_quantile(0.99, sum by (le) (%s))%s", increase(d.Family+"_bucket", without(d.Scrapes)), scale)
		b.say("  must: %s", discover.Quoted("< "+discover.Limit(c.Service).String()))
	}
	switch {
	case !d.Buckets && c.Mean == 0, d.Buckets && c.Service == 0:
		f.out("Left out: the calibration did not show how long requests take by "+d.Family+
			". Set a limit and remove the #.", b.String())
	case !d.Confirmed:
		f.out("Left out: that "+d.Family+" is in "+d.Unit+" is a guess by its name. Check it and remove the #.",
			b.String())
	default:
		for line := range strings.Lines(b.String()) {
			f.say("  %s", strings.TrimRight(line, "\n"))
		}
	}
}

func writeGauge(l *discover.Learned, f *file) {
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
	f.say("    why: %s", discover.Quoted(why))
	f.say("    gauge: %s", discover.Quoted("sum("+selector(g.Name, nil)+")"))
	f.say("")
}
