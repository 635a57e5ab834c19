package main

import (
	"fmt"
	"strings"
	"time"
)

// The load of bench-scrapes: ten requests, 1,000 hits a second, on a quiet machine and beside a
// neighbour that uses the responder's core.
const (
	at1000     = "at1000"
	at1000busy = "at1000 busy"
)

// intervals are those at which brrtload scrapes: often, and in no more than the edges of a run.
var intervals = map[string]string{often: "250ms", never: "1h"}

const (
	often = "brrtload"
	never = "brrtload without scrapes"

	oftenBefore = "before"
	neverBefore = "before without scrapes"
)

func tenPaths() (paths []string) {
	for n := range 10 {
		paths = append(paths, fmt.Sprintf("/pets/%d", n))
	}
	return paths
}

// scrapes lists the cases of bench-scrapes.
func (b bencher) scrapes() (all []run) {
	for _, load := range []string{at1000, at1000busy} {
		cases := []run{b.ours(often, load, b.brrtload, often), b.ours(never, load, b.brrtload, never)}
		if b.before != "" {
			cases = append(cases,
				b.ours(oftenBefore, load, b.before, often), b.ours(neverBefore, load, b.before, never))
		}
		cases = append(cases, b.vegeta(load, "ten-targets", time.Second/1000, "-rate=1000"))
		for i := range cases {
			cases[i].busy = load == at1000busy
		}
		all = append(all, cases...)
	}
	return all
}

// scrapes shows bench-scrapes.
func (r Report) scrapes() string {
	var b strings.Builder
	b.WriteString("# What scrapes do to the hits\n\n" +
		r.medians(often, at1000, "Ten requests, 1,000 hits/s. Client and responder (nginx) have a core each."))
	b.WriteString("\n| load | tool | hits/s | CPU µs/hit | of the load µs/hit | p50 ms | p99 ms | p99 lag ms |" +
		" wakes/hit | others on the machine |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, load := range []string{at1000, at1000busy} {
		for _, tool := range []string{often, never, oftenBefore, neverBefore, "vegeta"} {
			middle := func(figure func(Measurement) float64) float64 { return median(r.of(tool, load, figure)) }
			if len(r.of(tool, load, cpu)) == 0 {
				continue
			}
			loading := middle(cpu) // the peers do nothing besides
			if tool != "vegeta" {
				loading = middle(func(m Measurement) float64 { return m.Loading / float64(m.Hits) })
			}
			fmt.Fprintf(&b, "| %s | %s | %.0f | %.1f | %.1f | %.3f | %.3f | %.3f | %s | %.0f %% |\n", load, tool,
				middle(hits)/r.Duration, middle(cpu)*1e6, loading*1e6,
				middle(p50)*1e3, middle(p99)*1e3, middle(lag)*1e3, woken(middle(wakes)), middle(others)*100)
		}
	}
	b.WriteString(scrapesExplained)
	for _, load := range []string{at1000, at1000busy} {
		fmt.Fprintf(&b, "%s: p99 lag with a scrape each 250 ms to none: %s; to vegeta: %s\n\n",
			load, r.ratio(often, never, load, lag), r.ratio(often, "vegeta", load, lag))
		fmt.Fprintf(&b, "%s: wakes per hit to vegeta: %s; CPU per hit to vegeta: %s\n\n", load,
			r.ratio(often, "vegeta", load, wakes), r.ratio(often, "vegeta", load, cpu))
		fmt.Fprintf(&b, "%s: CPU of one scrape and its two recordings: %.2f ms", load, r.scrape(often, never, load)*1e3)
		if len(r.of(oftenBefore, load, cpu)) > 0 {
			fmt.Fprintf(&b, "; before: %.2f ms, p99 lag to none %s",
				r.scrape(oftenBefore, neverBefore, load)*1e3, r.ratio(oftenBefore, neverBefore, load, lag))
		}
		b.WriteString("\n\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// scrape returns the CPU time that a scrape costs while the load is sent, with its two recordings:
// the median, over repetitions, of the difference that scrapes make.
func (r Report) scrape(with, without, load string) float64 {
	loading := func(m Measurement) float64 { return m.Loading }
	often, never := r.of(with, load, loading), r.of(without, load, loading)
	var each []float64
	for i := range min(len(often), len(never)) {
		each = append(each, (often[i]-never[i])/(r.Duration/0.25))
	}
	return median(each)
}

const scrapesExplained = `
brrtload scrapes each 250 ms, and "without scrapes" at the edges of the run alone. "before" is a brrtload that copied every histogram for each
recording, and built it anew. CPU is that of the whole process; "of the load" leaves out what comes before and after: start, judging, charts,
reports. brrtload's latency counts from the due time, that of vegeta from the sending. Lag is sent - due. A wake is a voluntary
context switch: a thread gave up its CPU to wait. In "at1000 busy" a process of the measurement's own uses the responder's core all the time.

The rule for ratios: the median over repetitions of one figure to the other in the same repetition. A repetition is quiet when others on the
machine took at most a tenth of its CPU time. Where three are quiet, they alone count. Where fewer are, all count and the line says so. The rule for
lag: with a scrape each 250 ms its p99 is at most 1.5 times that without, quiet and busy.

`

// mostLag is how many times the lag without scrapes that with a scrape each 250 ms may be, in its
// p99.
const mostLag = 1.5

// scrapeFloors lists what a report of bench-scrapes falls short of.
func scrapeFloors(r Report) (short []string) {
	for _, load := range []string{at1000, at1000busy} {
		if late := r.ratio(often, never, load, lag); late.n < enough || late.value > mostLag {
			short = append(short, fmt.Sprintf("%s: p99 lag with a scrape each 250 ms is %s of that without, "+
				"want %g at most in %d repetitions", load, late, mostLag, enough))
		}
	}
	return short
}
