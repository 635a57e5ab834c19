package tables

import (
	"fmt"
	"math"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// Circumstances reports in a line each how the generator, the target, the scrapes and the machine
// did: what a reader must know to trust the rest.
func Circumstances(r reports.Report) Table {
	t := Table{Title: "How it was measured", Columns: []Column{{"", false}, {"", false}}}
	experiment(&t, r.Overhead)
	if g := r.Generator; g.Planned > 0 {
		text := fmt.Sprintf("%s of %s planned hits sent, %s dropped; lag p99 %s (floor %s), max %s; %s of CPU a hit",
			Count(g.Sent), Count(g.Planned), Count(g.Dropped), quantity.Seconds(g.Lag.P99), quantity.Seconds(g.Floor.P99),
			quantity.Seconds(g.Lag.Max), quantity.Seconds(g.CPUPerHit))
		if g.Waited > 0 {
			text += fmt.Sprintf("; %s hits waited for a connection, p99 %s", Count(g.Waited),
				quantity.Seconds(g.Waiting.P99))
		}
		t.Add(0, "load generator", text)
	}
	if r.Target.CPUSeconds > 0 || r.Target.ResidentPeak > 0 {
		t.Add(0, "target process", fmt.Sprintf("%s of CPU, %s a hit; at most %s resident",
			quantity.Seconds(r.Target.CPUSeconds), quantity.Seconds(r.Target.CPUPerHit), quantity.Bytes(r.Target.ResidentPeak)))
	}
	for _, s := range r.Scrapes {
		t.Add(0, "scrapes", fmt.Sprintf("%s: %d read, %d failed, %d missed; %s and %s each, %s series",
			fit.Line(s.Endpoint, fit.IdWidth),
			s.Count, s.Failed, s.Missed, quantity.Seconds(s.Seconds), quantity.Bytes(s.Bytes), quantity.Count(float64(s.Series))))
	}
	if w := r.Where; w.CPUs > 0 {
		text := fmt.Sprintf("%d CPUs, GOMAXPROCS %d", w.CPUs, w.GOMAXPROCS)
		if w.Pressure > 0 { // the kernel may not tell
			text += fmt.Sprintf("; CPU pressure %s", quantity.Share(w.Pressure))
		}
		if w.Steal > 0 {
			text += fmt.Sprintf("; %s of CPU time stolen", quantity.Share(w.Steal))
		}
		t.Add(0, "machine", text)
	}
	return t
}

// experiment reports how a paired experiment was made, and what it rests on.
func experiment(t *Table, o *reports.Overhead) {
	if o == nil || o.Blocks+o.Left == 0 { // void before anything was measured
		return
	}
	starts := fmt.Sprintf("%d starts of the arms", o.Sessions)
	if o.Factor > 1 {
		starts += fmt.Sprintf(", which resemble their neighbours and count as %d", o.Sessions/o.Factor)
	}
	t.Add(0, "experiment",
		fmt.Sprintf("%d blocks used, %d left out, in %s; %s hits/s of all arms together, overhead stated for %s hits/s",
			o.Blocks, o.Left, starts, quantity.Count(math.Round(o.Load)), quantity.Count(math.Round(o.Rate))))
	if o.Detectable > 0 && o.Detectable < math.MaxFloat64 {
		t.Add(0, "detectable", fmt.Sprintf("a difference in CPU of %s, four times in five",
			quantity.Share(o.Detectable)))
	}
	t.Add(0, "processes", fit.Line(o.Pinned, proseWidth))
	if o.Layout != "" {
		t.Add(0, "layout", fit.Line(o.Layout, proseWidth))
	}
	for _, how := range o.Delivered {
		t.Add(0, "telemetry", fit.Line(how, proseWidth))
	}
}

// proseWidth bounds a sentence of a table, in characters.
const proseWidth = 300
