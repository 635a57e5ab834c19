//go:build long

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

const (
	memoryRate  = 1000            // hits a second
	memoryTime  = "10m30s"        // of them
	memoryLook  = 5 * time.Second // between two looks
	memoryOther = 2000            // series of the second endpoint
)

// What memory a run of ten minutes with some 4,500 series takes. With -update the evidence is kept,
// and every `make test` judges it: TestMemoryOfTenMinutes.
func TestMemoryLong(t *testing.T) {
	other := httptest.NewServer(wandering(memoryOther))
	defer other.Close()
	dir := t.TempDir()
	scenario := filepath.Join(dir, "memory.yaml")
	require.NoError(t, os.WriteFile(scenario, fmt.Appendf(nil, `
target: {bundled: {}}
scrape:
  interval: 1s
  endpoints: [{name: other, url: %q}]
connections: 16
warmup: {rate: 100, duration: 1s}
stages: [{rate: %d, duration: %s}]
credentials:
  key: {api_key: {header: X-API-Key, value: test-key}}
requests:
  - {name: list pets, get: /pets, credential: key, weight: 5}
  - {name: get pet, get: "/pets/{{.Random 1 1000}}", credential: key, weight: 10}
  - {name: get user, get: "/users/{{.Random 1 1000}}", weight: 5}
  - {name: get post, get: /users/1/posts/2, weight: 5}
  - {name: missing route, get: /no/such/route, weight: 1, expect: [404]}
assert: [requests]
`, other.URL, memoryRate, memoryTime), 0o644))
	kept := filepath.Join(dir, "run")
	command := exec.CommandContext(t.Context(), program("brrtload"), "run", scenario, "--dir", kept)
	var out strings.Builder
	command.Stdout, command.Stderr = &out, &out
	require.NoError(t, command.Start())
	began := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	looks := time.NewTicker(memoryLook)
	defer looks.Stop()
	run := resident{Go: runtime.Version(), Rate: memoryRate, Interval: memoryLook.Seconds()}
	for running := true; running; {
		select {
		case <-ended: // the report says how
			running = false
		case <-looks.C:
			if m, ok := memoryOf(command.Process.Pid); ok { // it may be ending
				m.Second = time.Since(began).Round(time.Millisecond).Seconds()
				run.Looks = append(run.Looks, m)
			}
		}
	}
	report, err := reports.Read(kept)
	require.NoError(t, err, "%s", out.String())
	require.Equal(t, reports.Completed, report.End, "%s", out.String())
	run.Status, run.reason = report.Status, report.Sentence()
	run.Build = report.Where.Brrtload
	for _, e := range report.Ledger {
		run.Hits += e.Hits
	}
	for _, s := range report.Scrapes {
		run.Series, run.Scrapes = append(run.Series, s.Series), append(run.Scrapes, s.Count)
	}
	requireFlat(t, run)
	if !*update {
		return
	}
	text, err := json.MarshalIndent(run, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(memoryFile, append(text, '\n'), 0o644))
}

var statusLine = regexp.MustCompile(`(?m)^(VmRSS|RssAnon|RssFile):\s+(\d+) kB$`)

// memoryOf reads a process's memory, and gives false when it has none any longer.
func memoryOf(pid int) (m memory, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, false
	}
	into := map[string]*float64{"VmRSS": &m.Resident, "RssAnon": &m.Own, "RssFile": &m.File}
	found := statusLine.FindAllStringSubmatch(string(text), -1)
	for _, field := range found {
		kib, err := strconv.ParseFloat(field[2], 64)
		if err != nil {
			return memory{}, false
		}
		*into[field[1]] = kib
	}
	return m, len(found) == len(into)
}

// wandering is an endpoint whose counters move at random at every scrape, as services' do.
func wandering(series int) http.HandlerFunc {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	counts := make([]int, series)
	return func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", text)
		fmt.Fprintln(w, "# HELP wander_total Steps taken.\n# TYPE wander_total counter")
		for i := range counts {
			counts[i] += random.IntN(20)
			fmt.Fprintf(w, "wander_total{place=\"%d\"} %d\n", i, counts[i])
		}
	}
}
