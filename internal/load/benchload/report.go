package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Report is everything that was measured.
type Report struct {
	Began    time.Time         `json:"began"`
	Duration float64           `json:"duration"` // of the load of one run, seconds
	Where    map[string]string `json:"where"`
	Runs     []Measurement     `json:"runs"`
}

// of gives a figure of every run of a tool under a load, in their order.
func (r Report) of(tool, load string, figure func(Measurement) float64) []float64 {
	var found []float64
	for _, m := range r.Runs {
		if m.Tool == tool && m.Load == load {
			found = append(found, figure(m))
		}
	}
	return found
}

// ratio gives the median over the repetitions of ours to vegeta's in the same repetition: what slows one down mostly slows
// both. Repetitions in which one did not send the hits it was asked for are left out, unless there is no other.
func (r Report) ratio(load string, figure func(Measurement) float64) float64 {
	ours, theirs := r.of("brrtload", load, figure), r.of("vegeta", load, figure)
	weHeld, theyHeld := r.of("brrtload", load, r.held), r.of("vegeta", load, r.held)
	var all, held []float64
	for i := range min(len(ours), len(theirs)) {
		all = append(all, ours[i]/theirs[i])
		if weHeld[i]*theyHeld[i] == 1 {
			held = append(held, ours[i]/theirs[i])
		}
	}
	if len(held) > 0 {
		return median(held)
	}
	return median(all)
}

// held gives 1 for a run that sent the hits it was asked for, and 0 for one that did not.
func (r Report) held(m Measurement) float64 {
	if m.Load == at5000 && float64(m.Hits) < 0.99*5000*r.Duration {
		return 0
	}
	return 1
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func cpu(m Measurement) float64 { return m.CPU }

func lag(m Measurement) float64 {
	if m.LagP99 == nil {
		return 0
	}
	return *m.LagP99
}

// markdown shows medians, and ends with the line that names the ratios.
func (r Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What a hit costs\n\nMedians of %d runs of %g s each, %s. Client and responder (nginx) have a core each.\n",
		len(r.of("brrtload", atMax, cpu)), r.Duration, r.Began.Format(time.DateOnly))
	for _, key := range []string{"go", "cpu", "kernel"} {
		fmt.Fprintf(&b, "%s: %s  \n", key, r.Where[key])
	}
	b.WriteString("\n| load | tool | hits/s | CPU µs/hit | p50 ms | p99 ms | p99 lag ms | RSS MiB | others on the machine |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, load := range []string{atMax, at5000} {
		for _, tool := range []string{"brrtload", "vegeta", "hey", "wrk"} {
			middle := func(figure func(Measurement) float64) float64 { return median(r.of(tool, load, figure)) }
			if len(r.of(tool, load, cpu)) == 0 {
				continue
			}
			late := "–"
			if l := middle(lag); l > 0 && load == at5000 {
				late = fmt.Sprintf("%.3f", l*1e3)
			}
			fmt.Fprintf(&b, "| %s | %s | %.0f | %.1f | %.3f | %.3f | %s | %.0f | %.0f %% |\n", load, tool,
				middle(func(m Measurement) float64 { return float64(m.Hits) / r.Duration }), middle(cpu)*1e6,
				middle(func(m Measurement) float64 { return m.P50 * 1e3 }), middle(func(m Measurement) float64 { return m.P99 * 1e3 }), late,
				middle(func(m Measurement) float64 { return m.Resident / (1 << 20) }), middle(func(m Measurement) float64 { return m.Others * 100 }))
		}
	}
	fmt.Fprintf(&b, "\nbrrtload is the whole of `brrtload run`: ledger, histograms, scrapes every second, TSDB, judging, reports. Its latency counts from the due time, that of the others from the sending. Ratios are medians over pairs of runs of the same repetition.\n\n")
	fmt.Fprintf(&b, "The rate of 5,000/s was held by brrtload in %g runs and by vegeta in %g, of %d; ratios are of repetitions in which both held it, if there is one.\n\n",
		sum(r.of("brrtload", at5000, r.held)), sum(r.of("vegeta", at5000, r.held)), len(r.of("vegeta", at5000, cpu)))
	fmt.Fprintf(&b, "p99 lag ratio to vegeta: at5000=%.2f\n\n", r.ratio(at5000, lag))
	fmt.Fprintf(&b, "cpu-per-hit ratio to vegeta: max=%.2f at5000=%.2f\n", r.ratio(atMax, cpu), r.ratio(at5000, cpu))
	return b.String()
}

// where says what machine it is.
func where() map[string]string {
	facts := map[string]string{"go": runtime.Version(), "cpus": strconv.Itoa(runtime.NumCPU())}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		facts["kernel"] = strings.TrimSpace(string(text))
	}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				facts["cpu"] = strings.TrimSpace(value)
			}
		}
	}
	return facts
}

// machine is CPU time of the whole machine, in seconds.
type machine struct{ busy, total float64 }

// readMachine reads the kernel's counters, hundredths of a second; it gives zero where there are none.
func readMachine() machine {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return machine{}
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	var m machine
	for i, field := range strings.Fields(string(line)) {
		ticks, err := strconv.ParseFloat(field, 64)
		if i == 0 || i > 8 || err != nil { // the guest's time is in the user's already
			continue
		}
		m.total += ticks / 100
		if i != 4 && i != 5 { // idle, and waiting for a disk
			m.busy += ticks / 100
		}
	}
	return m
}

// othersSince gives the share of the machine that was neither idle nor the client's.
func (m machine) othersSince(before machine, client float64) float64 {
	if m.total <= before.total {
		return 0
	}
	return max(0, m.busy-before.busy-client) / (m.total - before.total)
}
