package main

import (
	"math"
	"slices"

	"brrtload/internal/overhead"
	"brrtload/internal/stat"
	"brrtload/reports"
)

// tally is what experiments of a kind came to.
type tally struct {
	kind       kind
	n          int
	refused    map[string]int // no number was claimed: inconclusive, unfit or void
	claims     int
	covered    int       // claims whose interval of the share has the truth inside
	coveredAbs int       // and of the CPU time
	errors     []float64 // estimate − truth, points
	detectable []float64 // points
	looks      int       // experiments that were looked at after each block from the eighth on
	misled     int       // of which at some look the interval did not have the truth inside
	twins      int
	twinsFalse int // twins whose interval does not have 0 inside
	verdicts   map[string]int
	seconds    []float64 // to a decision
	missed     []miss
}

// miss is an experiment that claimed what is not so.
type miss struct {
	number int // in the evidence, from 1
	said   string
	truth  float64
}

// truth gives the share that the candidate costs more: what it burns, of what a hit cost baseline and twin in that experiment.
func (e Experiment) truth(o reports.Overhead) float64 {
	base := o.Effects[0].Base
	if len(o.Twin) > 0 {
		base += o.Twin[0].Difference.Value / 2
	}
	return e.Burn / base
}

func has(b reports.Between, v float64) bool {
	return stat.Interval{Low: b.Low, High: b.High}.Contains(v)
}

// count judges the evidence of a kind again.
func count(k kind, all []Experiment) tally {
	t := tally{kind: k, refused: map[string]int{}, verdicts: map[string]int{}}
	for i, e := range all {
		if e.Kind != k.name {
			continue
		}
		t.n++
		o, _ := overhead.Judge(e.Record)
		if k.budget != "" {
			t.decision(i+1, e, o)
			continue
		}
		if o.Verdict != overhead.Measured {
			t.refused[o.Verdict]++
			continue
		}
		t.claim(i+1, e, o)
		t.peek(e)
	}
	return t
}

func (t *tally) claim(number int, e Experiment, o reports.Overhead) {
	t.claims++
	cpu, truth := o.Effects[0], e.truth(o)
	if has(cpu.Share, truth) {
		t.covered++
	} else {
		t.missed = append(t.missed, miss{number, o.Reason, truth})
	}
	if has(cpu.Difference, e.Burn) {
		t.coveredAbs++
	}
	t.errors = append(t.errors, (cpu.Share.Value-truth)*100)
	t.detectable = append(t.detectable, o.Detectable*100)
	t.twins++
	if !has(o.Twin[0].Share, 0) {
		t.twinsFalse++
	}
}

// peek looks at the experiment as one would that stops as soon as its budgets are decided.
func (t *tally) peek(e Experiment) {
	t.looks++
	r := e.Record
	r.Design.Fixed = 0
	for n := stat.MinLook; n <= len(e.Record.Blocks); n++ {
		r.Blocks = e.Record.Blocks[:n]
		o := overhead.Summarize(r)
		if !has(o.Effects[0].Share, e.truth(o)) {
			t.misled++
			return
		}
	}
}

func (t *tally) decision(number int, e Experiment, o reports.Overhead) {
	t.verdicts[o.Verdict]++
	switch o.Verdict {
	case t.kind.truth:
		t.seconds = append(t.seconds, e.Seconds)
	case overhead.Within, overhead.Over:
		t.seconds = append(t.seconds, e.Seconds)
		t.missed = append(t.missed, miss{number, o.Reason, t.kind.share})
	default:
		t.seconds = append(t.seconds, math.Inf(1)) // never
	}
}

// add puts two kinds together.
func (t *tally) add(o tally) {
	t.n += o.n
	t.claims, t.covered, t.coveredAbs = t.claims+o.claims, t.covered+o.covered, t.coveredAbs+o.coveredAbs
	t.errors, t.detectable = append(t.errors, o.errors...), append(t.detectable, o.detectable...)
	t.looks, t.misled = t.looks+o.looks, t.misled+o.misled
	t.twins, t.twinsFalse = t.twins+o.twins, t.twinsFalse+o.twinsFalse
	t.missed = append(t.missed, o.missed...)
	for why, n := range o.refused {
		t.refused[why] += n
	}
}

func median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(xs))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// bias gives the mean error with the standard error of that, points.
func (t tally) bias() (mean, se float64) {
	n := float64(len(t.errors))
	for _, e := range t.errors {
		mean += e / n
	}
	for _, e := range t.errors {
		se += (e - mean) * (e - mean)
	}
	return mean, math.Sqrt(se / (n - 1) / n)
}
