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

// fixed judges the experiments of a fixed number of blocks again.
func fixed(all []Experiment) tally {
	together := tally{refused: map[string]int{}}
	for _, k := range kinds {
		if k.budget == "" {
			together.add(count(k, all))
		}
	}
	return together
}

func TestThePageSaysWhatTheEvidenceShows(t *testing.T) {
	page, err := os.ReadFile(pageFile)
	require.NoError(t, err)
	require.Equal(t, write(evidence(t)), string(page), "run `go run ./internal/overhead/calibrate -for 0` to write it")
}

// A calibration that any truth passes would show nothing.
func TestAnotherTruthIsFoundOut(t *testing.T) {
	all := evidence(t)
	for i := range all {
		all[i].Burn += 5e-6
	}
	together := fixed(all)
	require.Less(t, stat.Proportion(together.covered, together.claims, 0.95).High, 0.95)
	bias, _ := together.bias()
	require.Less(t, bias, -1.0)
}

func TestEvidenceIsAddedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "experiments.jsonl.gz")
	none, err := read(path)
	require.NoError(t, err)
	require.Empty(t, none)
	for range 2 {
		require.NoError(t, add(path, Experiment{Kind: "0 %"}))
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
