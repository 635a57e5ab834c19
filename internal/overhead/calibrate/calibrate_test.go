package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"brrtload/internal/stat"
	"brrtload/internal/tier"
)

const (
	evidenceFile = "../../../docs/evidence/overhead-calibration/experiments.jsonl.gz"
	pageFile     = "../../../docs/overhead-calibration.md"
)

func evidence(t *testing.T) []Experiment {
	t.Helper()
	all, err := read(evidenceFile)
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

func TestThePageSaysWhatTheEvidenceShows(t *testing.T) {
	tier.Long(t)
	page, err := os.ReadFile(pageFile)
	require.NoError(t, err)
	require.Equal(t, write(again(evidence(t))), string(page), "run `go run ./internal/overhead/calibrate -for 0` to write it")
}

// When it does not, experiments are judged in another way than before, and that is another method.
func TestExperimentsAreJudgedAsTheyWereWhenTheyWereMade(t *testing.T) {
	tier.Long(t)
	for i, e := range evidence(t) {
		require.Contains(t, methods, e.Method, "experiment %d", i+1)
		if e.Method == method {
			require.Empty(t, cmp.Diff(e.Said, judged(e).Said, cmpopts.EquateApprox(1e-9, 0)), "experiment %d", i+1)
		}
	}
}

func TestTheEvidenceBearsOutWhatIsClaimed(t *testing.T) {
	tier.Long(t)
	all := again(evidence(t))
	together, null := fixed(method, all), count(kinds[0], method, all)
	require.Positive(t, null.claims)
	require.Positive(t, together.looks)
	require.GreaterOrEqual(t, stat.Proportion(together.covered, together.claims, 0.95).High, 0.95, "%d of %d intervals have the truth inside", together.covered, together.claims)
	bias, _ := together.bias()
	require.InDelta(t, 0, bias, 0.5, "points")
	require.LessOrEqual(t, stat.Proportion(together.twinsFalse, together.twins, 0.95).Low, 0.05, "%d of %d twins differ", together.twinsFalse, together.twins)
	require.LessOrEqual(t, stat.Proportion(null.claims-null.covered, null.claims, 0.95).Low, 0.05, "%d of %d differences are found where there is none", null.claims-null.covered, null.claims)
	require.LessOrEqual(t, stat.Proportion(together.misled, together.looks, 0.95).Low, 0.025, "%d of %d experiments mislead somebody who looks after every block", together.misled, together.looks)
}

// The first method's evidence does not bear out what it claimed, and that must show.
func TestAnIntervalThatIsTooNarrowIsFoundOut(t *testing.T) {
	together := fixed(1, evidence(t))
	require.Less(t, stat.Proportion(together.covered, together.claims, 0.95).High, 0.95)
}

// A calibration that any truth passes would show nothing.
func TestAnotherTruthIsFoundOut(t *testing.T) {
	all := evidence(t)
	for i := range all {
		all[i].Burn += 5e-6
	}
	for m := range methods {
		together := fixed(m, all)
		require.Less(t, stat.Proportion(together.covered, together.claims, 0.95).High, 0.95)
		bias, _ := together.bias()
		require.Less(t, bias, -1.0)
	}
}

// Errors of 1 point by block, and of 1 by start or by experiment where there are any.
func TestErrorsAreTracedToWhereTheyComeFrom(t *testing.T) {
	drawn := func(start, experiment float64) (s spread) {
		dice := rand.New(rand.NewPCG(5, 5))
		for range 200 {
			common := experiment * dice.NormFloat64()
			starts := make([][]float64, 8)
			for i := range starts {
				own := start * dice.NormFloat64()
				for range 4 {
					starts[i] = append(starts[i], common+own+dice.NormFloat64())
				}
			}
			s.add(starts)
		}
		return s
	}
	f := func(s spread) float64 { return s.between / float64(s.across) / (s.within / float64(s.inside)) }
	none, starts, experiments := drawn(0, 0), drawn(1, 0), drawn(0, 1)
	require.InDelta(t, 1, f(none), 0.15)
	require.InDelta(t, 0, none.lag/200, 0.03)
	require.InDelta(t, 1, none.missed/none.expected, 0.3)
	require.InDelta(t, 5, f(starts), 1, "1 + 4 × 1 ÷ 1")
	require.Greater(t, starts.lag/200, 0.2)
	require.InDelta(t, 1, starts.missed/starts.expected, 0.3, "the spread of starts shows what they bring")
	require.InDelta(t, 1, f(experiments), 0.15)
	require.Greater(t, experiments.missed/experiments.expected, 10.0)
}

func TestEvidenceIsAddedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "experiments.jsonl.gz")
	none, err := read(path)
	require.NoError(t, err)
	require.Empty(t, none)
	for range 2 {
		require.NoError(t, add(path, Experiment{Kind: "0 %", Method: method}))
	}
	two, err := read(path)
	require.NoError(t, err)
	require.Len(t, two, 2)
	require.Equal(t, "1 %", next(two).name, "kinds take turns")

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text[:len(text)-9], 0o644))
	_, err = read(path)
	require.ErrorContains(t, err, "unexpected EOF", "evidence that was cut short is not passed over")
}
