package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"brrtload/internal/overhead"
	"brrtload/internal/stat"
)

const introduction = `# How far an overhead can be believed: calibration

Here the truth is known. Candidate and baseline are the same program, and for every hit the candidate uses exactly so many microseconds more of CPU time, by the
clock of its thread. ` + "`brrtload overhead`" + ` does not know, and measures. This page is written by ` + "`make calibrate`" + `, which adds experiments to
the evidence in ` + "`docs/evidence/overhead-calibration/`" + ` (all raw blocks; nothing is left out) and judges that of the present method again; ` + "`make test-long`" + ` does so too, and
fails when this page says anything else, or the evidence does not bear out what is claimed.

`

// write returns the page.
func write(all []Experiment) string {
	var b strings.Builder
	b.WriteString(introduction)
	for m := method; m > 0; m-- {
		if m == method {
			fmt.Fprintf(&b, "## The present method\n\n")
		} else {
			fmt.Fprintf(&b, "## Method %d, no longer used\n\nThese experiments say nothing of the present method. They are judged as they were then.%s\n\n", m, lessons[m])
		}
		section(&b, m, all)
	}
	return b.String()
}

// section returns what experiments of one method came to.
func section(b *strings.Builder, m int, all []Experiment) {
	of := slices.DeleteFunc(slices.Clone(all), func(e Experiment) bool { return e.Method != m })
	fmt.Fprintf(b, "Method %d: %s.\n\n%d experiments, %s.\n\n", m, methods[m], len(of), where(of))
	intervals(b, m, all)
	b.WriteString("\n### Decisions: stopped as soon as the budget is decided\n\n| truth and budget | experiments | right | wrong | undecided or refused | median seconds to a decision | longest |\n|---|---|---|---|---|---|---|\n")
	wrong := fixed(m, all).missed
	for _, k := range kinds {
		if k.budget != "" {
			t := count(k, m, all)
			b.WriteString(t.decisions())
			wrong = append(wrong, t.missed...)
		}
	}
	b.WriteString("\nSeconds are from the start of the first process to the verdict, pilot and restarts included; an experiment without a decision counts as infinitely long.\n")
	spreads(b, m, all)
	b.WriteString("\n### What was wrong\n\n")
	if len(wrong) == 0 {
		b.WriteString("Nothing, so far.\n")
	}
	slices.SortFunc(wrong, func(a, b miss) int { return a.number - b.number })
	for _, w := range wrong {
		fmt.Fprintf(b, "- experiment %d: truth %+.2f %%; said: %s\n", w.number, w.truth*100, w.said)
	}
	b.WriteString("\nRefused experiments claim nothing:\n\n")
	none := true
	for i, e := range all {
		if e.Method == m && (!e.claims() || e.Said.Verdict == overhead.Inconclusive) {
			fmt.Fprintf(b, "- experiment %d (%s): %s: %s\n", i+1, e.Kind, e.Said.Verdict, e.Said.Reason)
			none = false
		}
	}
	if none {
		b.WriteString("- none\n")
	}
	b.WriteString("\n")
}

// intervals returns what the experiments of a fixed number of blocks came to.
func intervals(b *strings.Builder, m int, all []Experiment) {
	b.WriteString("### Intervals: a fixed number of blocks, looked at once\n\n")
	fmt.Fprintln(b, "Covered: the interval of the claim, nominally 95 %, has the truth inside; in brackets what the true coverage may be (95 %, Clopper and Pearson). "+
		"Bias: mean of estimate − truth, with its standard error, in points (percent of the baseline's cost). Detectable: the median of what an experiment says it can detect.")
	fmt.Fprintln(b, "\n| truth | experiments | claims | refused | covered, as a share | covered, in µs | bias, points | detectable, points |\n|---|---|---|---|---|---|---|---|")
	for _, k := range kinds {
		if k.budget == "" {
			b.WriteString(count(k, m, all).row(k.name))
		}
	}
	together, null := fixed(m, all), count(kinds[0], m, all)
	b.WriteString(together.row("all"))
	fmt.Fprintf(b, "\nFalse positives: of %d claims where nothing differs, %s found a difference; so did %s of the %d twins, which never differ.\n",
		null.claims, of(null.claims-null.covered, null.claims), of(together.twinsFalse, together.twins), together.twins)
	fmt.Fprintf(b, "\nLooking after every block as soon as anything may be claimed, as an experiment does that stops when it is decided: in %s of %d experiments the interval for that was wrong at some look.\n",
		of(together.misled, together.looks), together.looks)
}

// where reports on what machines the evidence was gathered.
func where(all []Experiment) string {
	machines := map[string]int{}
	for _, e := range all {
		machines[fmt.Sprintf("%d × %s, Linux %s, %s", e.CPUs, e.CPU, e.Kernel, e.Go)]++
	}
	var list []string
	for _, m := range slices.Sorted(maps.Keys(machines)) {
		list = append(list, fmt.Sprintf("%d on %s", machines[m], m))
	}
	if len(all) == 0 {
		return "so far none"
	}
	return strings.Join(list, "; ") + fmt.Sprintf(" (%s to %s)", all[0].Began.Format("2006-01-02 15:04"),
		all[len(all)-1].Began.Format("2006-01-02 15:04 UTC"))
}

func of(k, n int) string {
	if n == 0 {
		return "–"
	}
	i := stat.Proportion(k, n, 0.95)
	return fmt.Sprintf("%d (%.1f %% [%.1f, %.1f])", k, 100*float64(k)/float64(n), 100*i.Low, 100*i.High)
}

func (t tally) row(name string) string {
	bias, detectable := "–", "–"
	if t.claims > 1 {
		mean, se := t.bias()
		bias, detectable = fmt.Sprintf("%+.2f ± %.2f", mean, se), fmt.Sprintf("%.2f", median(t.detectable))
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %s | %s | %s | %s |\n", name, t.n, t.claims, t.n-t.claims,
		of(t.covered, t.claims), of(t.coveredAbs, t.claims), bias, detectable)
}

func (t tally) decisions() string {
	right, wrong := t.verdicts[t.kind.truth], len(t.missed)
	if t.n == 0 {
		return fmt.Sprintf("| %s | 0 | – | – | – | – | – |\n", t.kind.name)
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %.0f | %.0f |\n", t.kind.name, t.n, right, wrong, t.n-right-wrong,
		median(t.seconds), slices.Max(t.seconds))
}
