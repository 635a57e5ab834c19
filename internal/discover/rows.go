package discover

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/quantity"
)

// Rows returns what was learned, and how.
func (l *Learned) Rows() []Row {
	var paths []string
	for _, p := range l.Paths {
		paths = append(paths, fmt.Sprintf("%s (%d)", p.Path, p.Status))
	}
	rows := []Row{
		{"metrics endpoint", l.Metrics, quantity.Show(float64(l.Families), "") + " families"},
		{"known paths", strings.Join(paths, ", "), l.PathsFrom},
		{"process", l.Process, "ports"},
		{"age of a count", "exposed within " + Rounded(l.Age), "experiment"},
	}
	if l.Unversioned {
		rows = append(
			rows,
			Row{
				"content type",
				"text/plain without a version; Prometheus 3 reads it as its fallback says",
				"exposition",
			},
		)
	}
	if c := l.Counter; c != nil {
		rows = append(rows, c.rows()...)
	} else if l.Turns {
		rows = append(rows, Row{"request counter", "unknown: each scrape shows the counts of one process",
			"several processes"})
	} else {
		rows = append(rows, Row{"request counter", "none: no metric increased by " + fmt.Sprint(knownRounds) +
			" for so many requests", "experiment"})
	}
	rows = append(rows, l.durationRow(), l.inFlightRow())
	rows = append(rows, l.Instrumentation.rows()...)
	if len(l.Restless) > 0 {
		rows = append(
			rows,
			Row{
				"moves by itself",
				strings.Join(l.Restless[:min(3, len(l.Restless))], ", "),
				"scrapes without requests",
			},
		)
	}
	rows = append(
		rows,
		Row{
			"calibration",
			fmt.Sprintf("client p99 %s, service p99 %s", Rounded(l.Calibrated.ClientP99), l.serviceP99()),
			fmt.Sprintf("%d requests at %d/s", l.Calibrated.Hits, LoadRate),
		},
	)
	for i := range rows {
		rows[i].Found = diag.Printable(rows[i].Found)
	}
	return rows
}

func (l *Learned) serviceP99() string {
	switch c := l.Calibrated; {
	case c.Service > 0:
		return "at most " + Rounded(c.Service)
	case c.Beyond:
		return "above the last bucket"
	case c.Mean > 0:
		return "not known, mean " + Rounded(c.Mean)
	}
	return "not known"
}

func (c *Counter) rows() []Row {
	const how = "experiment"
	status := "none: one total for all statuses"
	if c.Status != "" {
		status = fmt.Sprintf("%s, as %s (%s)", c.Status, strings.ToLower(string(c.Form)), Shown(c.Form, 200))
	}
	rows := []Row{
		{"request counter", c.Name, fmt.Sprintf("increased by %s", spelled(knownRounds))},
		{"label of the status", status, how},
		{"label of the route", orNone(c.Route), how},
		{"label of the method", orNone(c.Method), how},
		{"unmatched paths", c.unmatched(), fmt.Sprintf("%d requests", ofUnmatched)},
		{"HEAD", c.counted(Head, ofHead), fmt.Sprintf("%d requests", ofHead)},
		{"OPTIONS", c.counted(Asked, ofOptions), fmt.Sprintf("%d requests", ofOptions)},
		{"POST", c.counted(Wrong, ofWrong), fmt.Sprintf("%d requests", ofWrong)},
		{"another Host", c.hosted(), fmt.Sprintf("%d requests", ofOtherHost)},
		{"abandoned requests", c.AbandonedText(), fmt.Sprintf("%d requests, closed before the answer", ofAbandoned)},
		{"scrapes", c.scraped(), fmt.Sprintf("%d scrapes without requests", resting)},
	}
	if _, sent := c.Counts[Wrong]; !sent {
		rows = slices.DeleteFunc(rows, func(r Row) bool { return r.What == "POST" })
	}
	return rows
}

func (c *Counter) counted(kind string, n int) string {
	switch got := c.Counts[kind]; got {
	case float64(n):
		return "counted"
	case 0:
		return "not counted"
	default:
		return fmt.Sprintf("%g of %d counted", got, n)
	}
}

func (c *Counter) unmatched() string {
	text := c.counted(Unmatched, ofUnmatched)
	switch {
	case c.Raw:
		text += fmt.Sprintf("; each path makes a series of its own (label %s): its values have no bound", c.Route)
	case c.Folded != "":
		text += fmt.Sprintf(", all with %s=%q", c.Route, c.Folded)
	}
	return text
}

func (c *Counter) hosted() string {
	text := c.counted(OtherHost, ofOtherHost)
	if c.Host != "" {
		text += fmt.Sprintf(", with %s=%q: callers make series", c.Host, otherHost)
	}
	return text
}

// AbandonedText returns how abandoned requests are counted, in words.
func (c *Counter) AbandonedText() string {
	text := c.counted(Abandoned, ofAbandoned)
	if len(nonzero(c.Left)) > 0 {
		var each []string
		for _, status := range slices.Sorted(maps.Keys(c.Left)) {
			each = append(each, fmt.Sprintf("%g with %s=%q", c.Left[status], c.Status, status))
		}
		text += ": " + strings.Join(each, ", ")
	}
	return text
}

func (c *Counter) scraped() string {
	switch {
	case c.PerScrape == 0:
		return "not counted"
	case c.Label != "":
		return fmt.Sprintf("counted, with %s=%q", c.Label, c.Value)
	}
	return "counted, and no label distinguishes them from requests"
}

func (l *Learned) durationRow() Row {
	d := l.Duration
	if d == nil && l.Turns {
		return Row{"duration", "unknown: each scrape shows the times of one process", "several processes"}
	}
	if d == nil {
		return Row{"duration", "none: no histogram or summary timed the requests", "experiment"}
	}
	kind, how := "histogram", "increased by "+spelled(knownRounds)
	if !d.Buckets {
		kind = "summary without buckets"
	}
	text := fmt.Sprintf("%s, %s in %s", d.Family, kind, d.Unit)
	if !d.Confirmed {
		text += " (a guess by its name)"
	}
	if d.Raw != "" && (l.Counter == nil || d.Raw != l.Counter.Route) {
		text += fmt.Sprintf("; each unmatched path makes a series of its own (label %s)", d.Raw)
	}
	switch {
	case l.Counter == nil:
	case d.TimesAll(l.Counter):
		text += "; times all that is counted"
	default:
		text += fmt.Sprintf(
			"; times %g of %d unmatched, %g of %d HEAD",
			d.Counts[Unmatched],
			ofUnmatched,
			d.Counts[Head],
			ofHead,
		)
	}
	return Row{"duration", text, how}
}

func (l *Learned) inFlightRow() Row {
	switch g := l.InFlight; {
	case g == nil:
		return Row{"requests in flight", "no gauge of that name", "names"}
	case g.Confirmed:
		return Row{"requests in flight", g.Name, fmt.Sprintf("rose amid %d requests and came back", atOnce)}
	default:
		return Row{"requests in flight", g.Name + " (a guess by its name)", "no scrape met a request in flight"}
	}
}

func spelled(of []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(of), " ", ", "), "[]")
}

// Rounded returns a time as a person writes it.
func Rounded(d time.Duration) string {
	if d >= time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	if d >= 10*time.Millisecond {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}
