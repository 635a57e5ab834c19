package written

import (
	"fmt"
	"strconv"
	"strings"

	"brrtload/internal/discover"
)

func writeIdentities(l *discover.Learned, f *file) {
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
		return "increase(" + hits(outcome, omitted(l)) + "[range()] anchored)"
	}
	why := []string{"every request that is counted is counted once"}
	what := "answers"
	side := func(expr string) string { return "sum(" + expr + ")" }
	if c.Status != "" {
		label = c.Status
		what = "answers with {" + label + "}"
		why[0] += ", with the status that the client saw"
		side = func(expr string) string {
			switch pattern := map[discover.Form]string{discover.Codes: "$1", discover.Classes: "$${1}xx", discover.UpperClasses: "$${1}XX",
				discover.Digits: "$1"}[c.Form]; {
			case c.Form == discover.Codes && label == "status":
			case c.Form == discover.Codes:
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
		if c.Form != discover.Codes {
			why = append(why, "the service counts classes ("+discover.Shown(c.Form, 200)+"), so codes are made classes")
		}
	} else {
		why = append(why, "the service has one total for all statuses")
	}
	if omitted := omitted(l); len(omitted) > 0 {
		why = append(why, "the service does not count "+strings.Join(omitted, " and ")+", so these are left out")
	}
	server := server(l, &why)
	f.say("  - id: requests-counted")
	f.say("    why: %s", discover.Quoted(strings.Join(append(why, "abandoned requests: "+c.AbandonedText()), "; ")))
	f.say("    what: %s", discover.Quoted(what))
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
		t.say("  other: %s", discover.Quoted("sum("+increase(c.Name, without(c.Scrapes))+")"))
		t.say("  server: %s", discover.Quoted("sum("+increase(d.Family+"_count", without(d.Scrapes))+")"))
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
	f.say("    why: %s", discover.Quoted(c.Name+" increased with each request of the experiment"))
	f.say("    metric: %s", discover.Quoted(selector(c.Name, nil)))
	f.say("    stimulus: sum(increase(%s[range()] anchored))", hits("answered", omitted(l)))
	f.say("    what: answers")
	if g := l.InFlight; g != nil && g.Confirmed {
		f.say("  - id: in-flight-alive")
		f.say("    why: scrapes that found a request in flight, time and again, cannot all have found none")
		f.say("    metric: %s", discover.Quoted(selector(g.Name, nil)))
		f.say("    stimulus: increase(brrtload_scrapes_amid_hits_total[range()] anchored) >= 5")
		f.say("    what: scrapes amid requests in flight")
	}
	f.say("")
}

// server returns the service's side of the identity.
func server(l *discover.Learned, why *[]string) string {
	c := l.Counter
	group := "sum"
	if c.Status != "" {
		group = "sum by (" + c.Status + ") "
	}
	all := group + "(" + increase(c.Name, without(c.Scrapes)) + ")"
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
		discover.Shown(c.Form, 200),
	)
}
