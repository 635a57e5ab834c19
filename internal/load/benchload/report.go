package main

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"brrtload/internal/machine"
)

// Report is everything that was measured.
type Report struct {
	Began    time.Time         `json:"began"`
	Duration float64           `json:"duration"` // of the load of one run, seconds
	Where    map[string]string `json:"where"`
	Runs     []Measurement     `json:"runs"`
}

// of returns a figure of every run of a tool under a load, in their order.
func (r Report) of(tool, load string, figure func(Measurement) float64) []float64 {
	var found []float64
	for _, m := range r.Runs {
		if m.Tool == tool && m.Load == load {
			found = append(found, figure(m))
		}
	}
	return found
}

// disturbed is the share of the machine that others may take, besides what belongs to the
// measurement, for a repetition to be a quiet one.
const disturbed = 0.1

// ratio is the median, over repetitions, of a tool's figure to another's in the same one. What
// slows one run of a repetition down mostly slows its others. Repetitions on a quiet machine are
// preferred: all of them, where there are three. Where there are fewer, every repetition counts. So
// what was measured is said on any machine, and how busy that was. What decides is what the rest of
// the machine did while the two ran, never what the tools did: one that does not hold the rate
// keeps its figures.
type ratio struct {
	value    float64
	quiet, n int // repetitions on a quiet machine, and all
}

// enough is how many quiet repetitions are wanted.
const enough = 3

func (r ratio) String() string {
	switch {
	case r.n == 0:
		return "not measured"
	case r.quiet >= enough, r.quiet == r.n:
		return fmt.Sprintf("%.2f", r.value)
	}
	return fmt.Sprintf("%.2f (machine busy: %d of %d repetitions quiet, all counted)", r.value, r.quiet, r.n)
}

func (r Report) ratio(tool, to, load string, figure func(Measurement) float64) ratio {
	ours, theirs := r.of(tool, load, figure), r.of(to, load, figure)
	besideUs, besideThem := r.of(tool, load, others), r.of(to, load, others)
	var all, quiet []float64
	for i := range min(len(ours), len(theirs)) {
		all = append(all, ours[i]/theirs[i])
		if max(besideUs[i], besideThem[i]) <= disturbed {
			quiet = append(quiet, ours[i]/theirs[i])
		}
	}
	if len(quiet) >= enough {
		return ratio{median(quiet), len(quiet), len(all)}
	}
	return ratio{median(all), len(quiet), len(all)}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func hits(m Measurement) float64 { return float64(m.Hits) }

func cpu(m Measurement) float64 { return m.CPU }

func p50(m Measurement) float64 { return m.P50 }

func p99(m Measurement) float64 { return m.P99 }

func others(m Measurement) float64 { return m.Others }

func wakes(m Measurement) float64 { return m.Wakes }

func resident(m Measurement) float64 { return m.Resident }

func lag(m Measurement) float64 {
	if m.LagP99 == nil {
		return 0
	}
	return *m.LagP99
}

// medians says of how many runs of a tool the figures are, and where they were made.
func (r Report) medians(tool, load, how string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Medians of %d runs of %g s each, %s. %s\n",
		len(r.of(tool, load, cpu)), r.Duration, r.Began.Format(time.DateOnly), how)
	for _, key := range []string{"go", "cpu", "kernel", "nice"} {
		if r.Where[key] != "" {
			fmt.Fprintf(&b, "%s: %s  \n", key, r.Where[key])
		}
	}
	return b.String()
}

// markdown shows medians, and ends with the line that names the ratios.
func (r Report) markdown() string {
	var b strings.Builder
	b.WriteString("# What a hit costs\n\n" +
		r.medians("brrtload", atMax, "Client and responder (nginx) have a core each."))
	b.WriteString("\n| load | tool | hits/s | CPU µs/hit | p50 ms | p99 ms | p99 lag ms | wakes/hit | RSS MiB |" +
		" others on the machine |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, load := range []string{atMax, at5000} {
		for _, tool := range []string{"brrtload", "vegeta", "hey", "wrk", "bare"} {
			middle := func(figure func(Measurement) float64) float64 { return median(r.of(tool, load, figure)) }
			if len(r.of(tool, load, cpu)) == 0 {
				continue
			}
			late := "–"
			if l := middle(lag); l > 0 && load == at5000 {
				late = fmt.Sprintf("%.3f", l*1e3)
			}
			fmt.Fprintf(&b, "| %s | %s | %.0f | %.1f | %.3f | %.3f | %s | %s | %.0f | %.0f %% |\n", load, tool,
				middle(hits)/r.Duration, middle(cpu)*1e6, middle(p50)*1e3, middle(p99)*1e3, late,
				woken(middle(wakes)), middle(resident)/(1<<20), middle(others)*100)
		}
	}
	b.WriteString(explained)
	max, slow := r.ratio("brrtload", "vegeta", atMax, cpu), r.ratio("brrtload", "vegeta", at5000, cpu)
	fmt.Fprintf(&b, "Quiet repetitions: max %d, at5000 %d, of %d.\n\n", max.quiet, slow.quiet, slow.n)
	fmt.Fprintf(&b, "cpu-per-hit ratio of wrk to vegeta: max=%s; of the bare client to vegeta: at5000=%s\n\n",
		r.ratio("wrk", "vegeta", atMax, cpu), r.ratio("bare", "vegeta", at5000, cpu))
	fmt.Fprintf(&b, "p99 lag ratio to vegeta: at5000=%s\n\n", r.ratio("brrtload", "vegeta", at5000, lag))
	fmt.Fprintf(&b, "cpu-per-hit ratio to vegeta: max=%s at5000=%s\n", max, slow)
	return b.String()
}

// woken shows how often a tool waited for each hit, which was not always measured.
func woken(wakes float64) string {
	if wakes == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", wakes)
}

const explained = `
brrtload is the whole of "brrtload run": start, ledger, histograms, scrapes every second, TSDB, judging, reports. Its latency counts from the due time,
that of the others from the sending. "bare" is a loop of one thread that sends each hit when it is due and takes each answer when it comes, and
does nothing else: it shows what waking for both costs here. vegeta sends its hits of a millisecond together and wakes once for
all of them, which is cheaper, and late. brrtload wakes for every hit, and reads the answers of a millisecond together, timed by the kernel.

The rule for ratios, laid down before measuring: the median over repetitions of ours to vegeta's figure in the same repetition. A repetition
is quiet when, during both runs, others on the machine than client and responder took at most a tenth of its CPU time. Where three are
quiet, they alone count. Where fewer are, all count and the line says so. No repetition is left out for what a tool did in it.

`

// where reports what machine it is.
func where() map[string]string {
	m := machine.Read()
	facts := map[string]string{
		"go": runtime.Version(), "cpus": strconv.Itoa(m.CPUs), "cpu": m.CPU, "kernel": m.Kernel,
	}
	// The kernel says 20 - nice.
	if priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0); err == nil && priority != 20 {
		facts["nice"] = strconv.Itoa(20 - priority)
	}
	return facts
}

// floors lists what a report falls short of.
func floors(r Report) (short []string) {
	miss := func(ok bool, format string, args ...any) {
		if !ok {
			short = append(short, fmt.Sprintf(format, args...))
		}
	}
	max, slow := r.ratio("brrtload", "vegeta", atMax, cpu), r.ratio("brrtload", "vegeta", at5000, cpu)
	least, late := r.ratio("bare", "vegeta", at5000, cpu), r.ratio("brrtload", "vegeta", at5000, lag)
	miss(min(max.quiet, slow.quiet) >= enough,
		"%d and %d repetitions are quiet, where %d are needed", max.quiet, slow.quiet, enough)
	miss(max.value <= 0.45, "at maximum rate a hit costs %.2f of vegeta's", max.value)
	miss(slow.value <= 0.9,
		"at 5,000/s a hit costs %.2f of vegeta's, where the bare client costs %.2f", slow.value, least.value)
	miss(late.value <= 0.2, "p99 lag is %.2f of vegeta's", late.value)
	return short
}
