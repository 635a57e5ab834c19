package main

import (
	"fmt"
	"math"
	"strings"

	gonum "gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"brrtload/internal/overhead"
	"brrtload/internal/stat"
	"brrtload/reports"
)

// spread tells where the errors of an arm's ratios come from: blocks, starts, or the experiment as
// a whole.
type spread struct {
	blocks          int
	all             float64 // sum of squares, in an experiment
	within, between float64 // in a start, and between the starts of an experiment, where these have several blocks
	inside, across  int     // their degrees of freedom
	lag, lagSquares float64 // sums over experiments of the correlation of neighbouring blocks, and of its square
	// sums over experiments of the squared error of the mean, and of what the spread of its starts
	// makes of it
	missed, expected float64
	experiments      int
}

// add adds the errors of an experiment's blocks: ln(arm ÷ baseline), less the truth, by start.
func (s *spread) add(starts [][]float64) {
	var all, means []float64
	within := 0.0
	for _, g := range starts {
		all, means = append(all, g...), append(means, mean(g))
		within += squares(g)
	}
	if len(starts) < 2 {
		return
	}
	s.experiments++
	s.blocks += len(all)
	s.all += squares(all)
	if len(all) > len(starts) {
		s.within, s.inside = s.within+within, s.inside+len(all)-len(starts)
		s.between, s.across = s.between+squares(all)-within, s.across+len(starts)-1
	}
	lag := stat.Lag1(all)
	s.lag, s.lagSquares = s.lag+lag, s.lagSquares+lag*lag
	s.missed += mean(means) * mean(means)
	s.expected += squares(means) / float64(len(means)*(len(means)-1))
}

// errorsOf returns the errors of an arm in an experiment's usable blocks, by start.
func errorsOf(e Experiment, arm func(reports.Point) float64, truth float64) [][]float64 {
	var starts [][]float64
	session := -1
	for _, p := range overhead.Summarize(e.Record).Points {
		if p.Unfit != "" {
			continue
		}
		if p.Session != session {
			session, starts = p.Session, append(starts, nil)
		}
		starts[len(starts)-1] = append(starts[len(starts)-1], math.Log1p(arm(p))-math.Log1p(truth))
	}
	return starts
}

// spreads returns a table of where the errors come from, in experiments of a method.
func spreads(b *strings.Builder, m int, all []Experiment) {
	b.WriteString("\n### Where the errors come from\n\nStarts: how many times more their means vary than the blocks inside them explain (where they have several), and how likely so much is by chance. Neighbours: correlation of a block's error with that of the one before it. " +
		"Experiments: how many times more their errors vary than the spread of their starts explains; more than 1 would be something that a whole experiment has in common.\n\n" +
		"| arm | experiments | blocks | spread of a block, points | starts | neighbours | experiments |\n|---|---|---|---|---|---|---|\n")
	var candidate, twin spread
	for _, e := range all {
		if e.Method == m && e.claims() {
			candidate.add(errorsOf(e, func(p reports.Point) float64 { return p.Candidate }, e.truth()))
			twin.add(errorsOf(e, func(p reports.Point) float64 { return p.Twin }, 0))
		}
	}
	b.WriteString(candidate.row("candidate") + twin.row("twin"))
}

func (s spread) row(arm string) string {
	if s.experiments < 2 {
		return fmt.Sprintf("| %s | %d | %d | – | – | – | – |\n", arm, s.experiments, s.blocks)
	}
	n, starts := float64(s.experiments), "–"
	if s.inside > 0 {
		f := s.between / float64(s.across) / (s.within / float64(s.inside))
		starts = fmt.Sprintf("%.2f (p = %.2f)", f, distuv.F{D1: float64(s.across), D2: float64(s.inside)}.Survival(f))
	}
	lag := s.lag / n
	return fmt.Sprintf("| %s | %d | %d | %.2f | %s | %+.2f ± %.2f | %.2f |\n", arm, s.experiments, s.blocks,
		100*math.Sqrt(s.all/float64(s.blocks-s.experiments)), starts,
		lag, math.Sqrt((s.lagSquares/n-lag*lag)/(n-1)), s.missed/s.expected)
}

func mean(xs []float64) float64 { return gonum.Mean(xs, nil) }

// squares sums the squared distances from the mean.
func squares(xs []float64) float64 { return float64(len(xs)) * gonum.MomentAbout(2, xs, mean(xs), nil) }
