package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The last official run is judged again by every build. At maximum rate a hit costs at most 0.45 of what it costs vegeta, at 5,000/s at most 0.9, and there the
// hits leave on time: p99 lag is at most a fifth of vegeta's.
func TestEvidenceOfWhatAHitCosts(t *testing.T) {
	const dir = "../../../docs/evidence/"
	text, err := os.ReadFile(dir + "bench-load.json")
	require.NoError(t, err, "make bench-load writes it")
	var r Report
	require.NoError(t, json.Unmarshal(text, &r))
	require.Empty(t, floors(r))
	shown, err := os.ReadFile(dir + "bench-load.md")
	require.NoError(t, err)
	require.Equal(t, string(shown), r.markdown(), "bench-load.md is not of these figures")
}

func TestBadFiguresAreRefused(t *testing.T) {
	run := func(tool, load string, cpu, lag, others float64) Measurement {
		return Measurement{Tool: tool, Load: load, said: said{Hits: 50_000, LagP99: &lag}, CPU: cpu, Others: others}
	}
	report := func(max, slow, late, others float64) (r Report) {
		for range 3 {
			r.Runs = append(r.Runs, run("brrtload", atMax, max, 0, others), run("vegeta", atMax, 1, 0, 0),
				run("brrtload", at5000, slow, late, 0), run("vegeta", at5000, 1, 1, 0), run("bare", at5000, 1, 0, 0))
		}
		return r
	}
	require.Empty(t, floors(report(0.4, 0.8, 0.1, 0)))
	for want, r := range map[string]Report{
		"at maximum rate": report(0.5, 0.8, 0.1, 0), "at 5,000/s a hit": report(0.4, 1.2, 0.1, 0), "lag": report(0.4, 0.8, 0.3, 0), "count": report(0.4, 0.8, 0.1, 0.5),
	} {
		require.Contains(t, strings.Join(floors(r), "\n"), want)
	}
}
