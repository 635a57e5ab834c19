package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
)

// abortSeeds is how many seeds the scenario of clients that leave was run with.
const abortSeeds = 20

// abortsFile has what came of them; `make evidence` writes it.
const abortsFile = "../../docs/evidence/aborts.json"

// seeded is one run of that scenario.
type seeded struct {
	Seed   uint64          `json:"seed"`
	Status int             `json:"exit_status"`
	Reason string          `json:"reason"`
	Ledger []reports.Entry `json:"ledger"`
	Counts []tally         `json:"counts"`
}

// tally is one label set of an identity.
type tally struct {
	ID     string            `json:"id"`
	Series map[string]string `json:"series,omitempty"`
	assertions.Count
}

// The kept runs of twenty seeds with aborts and time-outs gave no false alarm, and their intervals
// are those that the ledger allows.
func TestAbortsGiveIntervalsAndNoFalseAlarm(t *testing.T) {
	text, err := os.ReadFile(abortsFile)
	require.NoError(t, err)
	var runs []seeded
	require.NoError(t, json.Unmarshal(text, &runs))
	for _, run := range runs {
		require.Equal(t, reports.StatusPass, run.Status, "seed %d: %s", run.Seed, run.Reason)
	}
	requireIntervals(t, runs)
}

func requireIntervals(t *testing.T, runs []seeded) {
	t.Helper()
	require.Len(t, runs, abortSeeds)
	needed := 0
	for i, run := range runs {
		require.EqualValues(t, i+1, run.Seed)
		answered, open := 0.0, 0.0
		for _, e := range run.Ledger {
			if e.Outcome == "answered" {
				answered += float64(e.Hits)
			} else {
				open += float64(e.Hits)
			}
		}
		require.Greater(t, open, 20.0, "seed %d: too few hits were left open", run.Seed)
		byStatus := 0.0
		for _, c := range run.Counts {
			require.LessOrEqual(t, c.Client, c.Server, "seed %d, %s%v", run.Seed, c.ID, c.Series)
			require.LessOrEqual(t, c.Server, c.Client+c.Ambiguous, "seed %d, %s%v", run.Seed, c.ID, c.Series)
			require.Zero(t, c.Difference)
			if c.Server > c.Client {
				needed++
			}
			if c.ID == "requests-by-status" && c.Series["status"] != "" {
				byStatus += c.Client
				require.LessOrEqual(t, c.Ambiguous, open)
			}
		}
		require.Equal(t, answered, byStatus, "seed %d: what the ledger has as answered is the sure side of the identity", run.Seed)
	}
	require.Greater(t, needed, abortSeeds, "counts that only an interval could reconcile")
}
