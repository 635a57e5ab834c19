package main

import (
	"math"
	"slices"

	"brrtload/internal/overhead"
)

// tally is what experiments of a kind came to.
type tally struct {
	kind       kind
	n          int
	claims     int       // experiments of a fixed number of blocks that were not refused: inconclusive, unfit or void
	covered    int       // claims whose interval of the share has the truth inside
	coveredAbs int       // and of the CPU time
	errors     []float64 // estimate − truth, points
	detectable []float64 // points
	looks      int       // experiments that were looked at after each block
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

// count adds up the evidence of a kind and a method.
func count(k kind, method int, all []Experiment) tally {
	t := tally{kind: k, verdicts: map[string]int{}}
	for i, e := range all {
		if e.Kind != k.name || e.Method != method {
			continue
		}
		t.n++
		if e.Said.Looked {
			t.looks++
		}
		if e.Said.Misled {
			t.misled++
		}
		switch {
		case k.budget != "":
			t.decision(i+1, e)
		case e.claims():
			t.claim(i+1, e)
		}
	}
	return t
}

func (t *tally) claim(number int, e Experiment) {
	t.claims++
	s, truth := e.Said, e.truth()
	if has(s.Share, truth) {
		t.covered++
	} else {
		t.missed = append(t.missed, miss{number, s.Reason, truth})
	}
	if has(s.Difference, e.Burn) {
		t.coveredAbs++
	}
	t.errors = append(t.errors, (s.Share.Value-truth)*100)
	t.detectable = append(t.detectable, s.Detectable*100)
	t.twins++
	if !has(s.Twin, 0) {
		t.twinsFalse++
	}
}

func (t *tally) decision(number int, e Experiment) {
	t.verdicts[e.Said.Verdict]++
	switch e.Said.Verdict {
	case t.kind.truth:
		t.seconds = append(t.seconds, e.Seconds)
	case overhead.Within, overhead.Over:
		t.seconds = append(t.seconds, e.Seconds)
		t.missed = append(t.missed, miss{number, e.Said.Reason, t.kind.share})
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
}

// fixed puts all kinds of a fixed number of blocks together, and the looks of every kind.
func fixed(method int, all []Experiment) tally {
	var together tally
	for _, k := range kinds {
		t := count(k, method, all)
		if k.budget == "" {
			together.add(t)
		} else {
			together.looks, together.misled = together.looks+t.looks, together.misled+t.misled
		}
	}
	return together
}

func median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(xs))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// bias returns the mean error with the standard error of that, points.
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
