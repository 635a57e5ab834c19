package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

// memoryFile has what the process of a long run took; `make evidence` writes it.
const memoryFile = "../../docs/evidence/memory.json"

// mayGrow is how many times as much memory a run may take after ten minutes as after one.
const mayGrow = 1.10

// resident is a run's memory.
type resident struct {
	Go       string   `json:"go"`
	Build    string   `json:"brrtload"`
	Status   int      `json:"exit_status"`
	Rate     int      `json:"hits_per_second"`
	Hits     uint64   `json:"hits"`
	Series   []int    `json:"series"` // in the last scrape of each endpoint
	Scrapes  []int    `json:"scrapes"`
	Interval float64  `json:"seconds_between_looks"`
	Looks    []memory `json:"memory"`

	reason string // of the verdict
}

// memory is /proc/PID/status at one moment, in KiB. Resident is the sum of the others, and what
// counts: File is of the program and of the files that it has mapped, Own is of everything else.
type memory struct {
	Second   float64 `json:"second"` // after the program was started
	Resident float64 `json:"resident"`
	Own      float64 `json:"anonymous"`
	File     float64 `json:"file"`
}

// around returns the median of what was looked at within half a minute of a second.
func (r resident) around(t *testing.T, second float64, what func(memory) float64) float64 {
	var all []float64
	for _, m := range r.Looks {
		if math.Abs(m.Second-second) <= 30 {
			all = append(all, what(m))
		}
	}
	require.GreaterOrEqual(t, len(all), 10, "looks around second %g", second)
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// The memory of a run is to be flat: around its tenth minute at most mayGrow times what it was
// around its first.
func TestMemoryOfTenMinutes(t *testing.T) {
	text, err := os.ReadFile(memoryFile)
	require.NoError(t, err)
	var run resident
	require.NoError(t, json.Unmarshal(text, &run))
	requireFlat(t, run)
}

func requireFlat(t *testing.T, run resident) {
	t.Helper()
	require.Contains(t, []int{reports.StatusPass, reports.StatusInconclusive}, run.Status, "%s: a busy machine leaves things undecided; nothing may be wrong", run.reason)
	require.Greater(t, run.Hits, uint64(600*run.Rate))
	require.Len(t, run.Series, 2)
	require.GreaterOrEqual(t, run.Series[1], 2000)
	for _, n := range run.Scrapes {
		require.Greater(t, n, 550, "a scrape a second")
	}
	require.Empty(t, run.shortfall(t))
}

// shortfall reports how much the memory grew; empty when that is allowed.
func (r resident) shortfall(t *testing.T) string {
	size := func(m memory) float64 { return m.Resident }
	first, last := r.around(t, 60, size)/1024, r.around(t, 600, size)/1024
	if last <= mayGrow*first {
		return ""
	}
	return fmt.Sprintf("%.1f MiB and %.1f MiB, which is %.2f times as much where %.2f is allowed", first, last, last/first, mayGrow)
}

func TestMemoryThatGrowsAsMuchAsItMayIsNoShortfall(t *testing.T) {
	run := func(last float64) (r resident) {
		for second := 5.0; second <= 630; second += 5 {
			m := memory{Second: second, Resident: 100 * 1024}
			if second > 300 {
				m.Resident = last * 1024
			}
			r.Looks = append(r.Looks, m)
		}
		return r
	}
	require.Empty(t, run(109).shortfall(t))
	require.Equal(t, "100.0 MiB and 111.0 MiB, which is 1.11 times as much where 1.10 is allowed", run(111).shortfall(t))
}
