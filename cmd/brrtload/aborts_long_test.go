//go:build long

package main

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

// Twenty seeds of clients that leave. With -update the evidence is kept; every `make test` judges
// it.
func TestAbortsLong(t *testing.T) {
	scenario, err := os.ReadFile("testdata/aborts.yaml")
	require.NoError(t, err)
	var runs []seeded
	for seed := range abortSeeds {
		report, status := runOf(t, string(scenario), "--seed", strconv.Itoa(seed+1))
		if short := shortage(report); status != reports.StatusInconclusive || short == "" {
			require.Equal(t, reports.StatusPass, status, "seed %d: %s", report.Seed, report.Reason)
		}
		run := seeded{Seed: report.Seed, Status: status, Reason: report.Reason, Ledger: report.Ledger}
		for _, c := range report.Checks {
			for _, f := range c.Findings {
				if f.Count != nil {
					run.Counts = append(run.Counts, tally{c.ID, f.Series, *f.Count})
				}
			}
		}
		runs = append(runs, run)
	}
	requireIntervals(t, runs)
	if !*update {
		return
	}
	text, err := json.MarshalIndent(runs, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(abortsFile, append(text, '\n'), 0o644))
}
