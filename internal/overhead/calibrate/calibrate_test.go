package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/stat"
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
	page, err := os.ReadFile(pageFile)
	require.NoError(t, err)
	require.Equal(t, write(again(evidence(t))), string(page), "run `go run ./internal/overhead/calibrate -for 0` to write it")
}

// When it does not, experiments are judged in another way than before, and that is another method.
func TestExperimentsAreJudgedAsTheyWereWhenTheyWereMade(t *testing.T) {
	for i, e := range evidence(t) {
		require.Contains(t, methods, e.Method, "experiment %d", i+1)
		if e.Method == method {
			require.Equal(t, e.Said, judged(e).Said, "experiment %d", i+1)
		}
	}
}

func TestTheEvidenceBearsOutWhatIsClaimed(t *testing.T) {
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
