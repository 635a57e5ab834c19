package main

import (
	"fmt"
	"strings"
	"time"
)

// The tools of bench-engines: brrtload with each of its engines, and vegeta's own command.
const (
	byOwn    = "brrtload"
	byVegeta = "brrtload, client: vegeta"
	itself   = "vegeta"

	byOwnBefore = "before"
)

// engines lists the cases of bench-engines.
func (b bencher) engines() (all []run) {
	for _, load := range []string{atMax, at5000} {
		all = append(all, b.ours(byOwn, load, b.brrtload, load), b.ours(byVegeta, load, b.brrtload, load+"-by-vegeta"))
		if b.before != "" {
			all = append(all, b.ours(byOwnBefore, load, b.before, load))
		}
	}
	return append(all,
		b.vegeta(atMax, "targets", 0, "-rate=0", "-max-workers=64", "-workers=64", "-connections=64"),
		b.vegeta(at5000, "targets", time.Second/5000, "-rate=5000"))
}

// engineFloors lists what a report of bench-engines falls short of: too few repetitions.
func engineFloors(r Report) (short []string) {
	for _, load := range []string{atMax, at5000} {
		if n := r.ratio(byVegeta, byOwn, load, cpu).n; n < enough {
			short = append(short, fmt.Sprintf("%s: %d repetitions, want %d", load, n, enough))
		}
	}
	return short
}

// engines shows medians, and ratios to our own engine in the same repetition.
func (r Report) engines() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What each engine costs\n\nMedians of %d runs of %g s each, %s, on one core; nginx has another.\n\n",
		len(r.of(byOwn, atMax, cpu)), r.Duration, r.Began.Format(time.DateOnly))
	b.WriteString("| load | tool | hits/s | CPU µs/hit | p99 ms | p99 lag ms | RSS MiB | others | CPU to fasthttp's |\n" +
		"|---|---|--:|--:|--:|--:|--:|--:|---|\n")
	for _, load := range []string{atMax, at5000} {
		for _, tool := range []string{byOwn, byOwnBefore, byVegeta, itself} {
			middle := func(figure func(Measurement) float64) float64 { return median(r.of(tool, load, figure)) }
			if len(r.of(tool, load, cpu)) == 0 {
				continue
			}
			late := "–"
			if load == at5000 {
				late = fmt.Sprintf("%.3f", middle(lag)*1e3)
			}
			fmt.Fprintf(&b, "| %s | %s | %.0f | %.1f | %.3f | %s | %.0f | %.0f %% | %s |\n", load, tool,
				middle(hits)/r.Duration, middle(cpu)*1e6, middle(p99)*1e3, late,
				middle(resident)/(1<<20), middle(others)*100, r.ratio(tool, byOwn, load, cpu))
		}
	}
	b.WriteString("\nRatios are medians over repetitions of the figure to that of \"brrtload\" (client: fasthttp) in the same one.\n" +
		"\"before\" is the binary of an earlier commit, with its own engine. vegeta's command writes its results to a file\n" +
		"and does nothing else; brrtload's figures are of the whole run: scrapes, TSDB, judging and reports are in them.\n")
	return b.String()
}
