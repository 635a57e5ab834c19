package merge

import (
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/machine"
	"brrtload/internal/process"
	"brrtload/internal/shard"
	"brrtload/internal/tier"
	"brrtload/reports"
)

const mergeEvidence = "../../docs/evidence/merge.json"

var update = flag.Bool("update", false, "measure docs/evidence anew")

// mergeMeasured is how long merging took: the reading, adding up, judging, drawing and writing.
type mergeMeasured struct {
	Shards     int       `json:"shards"`
	Seconds    float64   `json:"seconds_of_load"`
	Hits       uint64    `json:"hits"`
	Requests   int       `json:"requests"`
	Series     int       `json:"scraped_series"`
	Took       []float64 `json:"merge_seconds"` // wall-clock time, a measurement each
	CPU        []float64 `json:"merge_cpu_seconds"`
	Joining    []float64 `json:"joining_cpu_seconds"` // of these, without the judging, drawing and writing of reports
	CPUs       int       `json:"cpus"`
	Processor  string    `json:"cpu"`
	Pressure   float64   `json:"cpu_pressure"` // of the machine meanwhile
	Repetition int       `json:"repetitions"`
}

const tenTimesAnHour = `
target: {url: "http://127.0.0.1:1"}
scrape: {interval: 1s}
warmup: {rate: 100, duration: 60s}
stages:
  - {rate: 1000, duration: 59m}
requests:
  - {name: one, get: /1, weight: 3}
  - {name: two, get: /2}
  - {name: three, get: /3}
  - {name: four, get: /4}
  - {name: five, get: /5}
`

// TestMergeTenShardsOfAnHour measures it, and keeps with -update what was measured.
func TestMergeTenShardsOfAnHour(t *testing.T) {
	tier.Long(t)
	f := fabricate(t, tenTimesAnHour)
	f.series = 500
	m := mergeMeasured{Shards: 10, Seconds: 3600, Requests: 5, Series: f.series, Repetition: 5}
	var dirs []string
	for i := range uint64(m.Shards) {
		dirs = append(dirs, f.keep(t, shard.Shard{Index: i, Of: uint64(m.Shards)}, 0))
	}
	strain := machine.Now()
	for range m.Repetition {
		began := time.Now()
		before, err := process.CPU(os.Getpid())
		require.NoError(t, err)
		f.joined = func() {
			used, err := process.CPU(os.Getpid())
			require.NoError(t, err)
			m.Joining = append(m.Joining, (used - before).Seconds())
		}
		r, _ := f.merge(t, dirs...)
		used, err := process.CPU(os.Getpid())
		require.NoError(t, err)
		require.Equal(t, reports.StatusPass, r.Status, r.Reason)
		m.Took, m.CPU = append(m.Took, time.Since(began).Seconds()), append(m.CPU, (used-before).Seconds())
		m.Hits = r.Generator.Sent
	}
	_, m.Pressure = machine.Now().Since(strain)
	m.CPUs, m.Processor = machine.CPUs(), machine.Read().CPU
	t.Logf("merging took %.2f s", m.Took)
	if !*update {
		return
	}
	text, err := json.MarshalIndent(m, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(mergeEvidence, append(text, '\n'), 0o644))
}
