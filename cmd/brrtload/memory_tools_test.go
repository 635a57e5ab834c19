package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// leaky builds a service in C that keeps 1 KiB of every request, and returns the scenario of a load
// of it.
func leaky(t *testing.T, tools []string, args string) string {
	t.Helper()
	for _, tool := range append(tools, "cc") {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	dir := t.TempDir()
	out, err := exec.Command("cc", "-g", "-O1", "-pthread", "-o", filepath.Join(dir, "leaky"), "testdata/leaky/leaky.c").CombinedOutput()
	require.NoError(t, err, "%s", out)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := free.Addr().(*net.TCPAddr).Port
	require.NoError(t, free.Close())
	file := filepath.Join(dir, "leaky.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
target: {command: [./leaky, "%d"%s], url: "http://127.0.0.1:%d", ready_timeout: 2m}
stages: [{rate: 100, duration: 5s}]
credentials: {buyer: {bearer: {token: hunter2-hunter2}}} # which the service is started with, too
requests: [{name: buy, get: /buy, credential: buyer}]
budgets:
  - id: leak
    expr: >-
      sum by (site) (brrtload_traced_live_bytes - brrtload_traced_live_bytes @ start())
      / scalar(sum(increase(brrtload_sent_total[range()] anchored)))
    must: "< 100B"
    in: run
  - id: allocations
    expr: sum(increase(brrtload_traced_allocations_total{site="keep_session"}[range()] anchored))
    must: "<= 1100" # two a hit; DHAT counts what came before the load, too
    in: run
  - {id: resident, expr: max(brrtload_target_resident_memory_bytes), must: "< 1KiB"}
`, port, args, port), 0o644))
	return file
}

// Each tool names the function that leaks, within a minute at 100 hits a second; verify repeats it.
// That the process is large is not held against a service under a tool.
func TestMemoryToolsNameALeak(t *testing.T) {
	tier.Long(t)
	const pass, fail, undecided = assertions.Pass, assertions.Fail, assertions.Inconclusive
	for _, row := range []struct {
		tool, program     string
		leak, allocations assertions.Verdict
	}{
		{"heaptrack", "heaptrack", fail, pass}, {"dhat", "valgrind", undecided, pass}, {"massif", "valgrind", fail, undecided},
	} {
		t.Run(row.tool, func(t *testing.T) {
			file := leaky(t, []string{row.program}, `, "--token=hunter2-hunter2"`)
			dir := filepath.Join(filepath.Dir(file), "run")
			out, _ := exec.Command(program("brrtload"), "run", file, "-q", "--memory", row.tool, "--dir", dir).CombinedOutput()
			r, err := reports.Read(dir)
			require.NoError(t, err, "%s", out)
			again, _ := exec.Command(program("brrtload"), "verify", dir, "-o", "json").CombinedOutput()
			for _, c := range r.Checks {
				switch c.ID {
				case "leak":
					require.Equal(t, row.leak, c.Verdict, "%s", out)
					if row.leak == fail {
						require.Contains(t, c.Sentence(), `site="keep_session": 1`)
						require.Contains(t, string(again), "keep_session")
					}
				case "allocations":
					require.Equal(t, row.allocations, c.Verdict, "%s", out)
				case "resident":
					require.Equal(t, undecided, c.Verdict, "%s", out)
				case "memory-traced":
					require.Equal(t, pass, c.Verdict, "%s", out)
				}
			}
			live := 0.0
			for _, s := range r.Memory.Sites {
				if s.Function == "keep_session" {
					live = *s.LiveEnd
				}
			}
			require.InDelta(t, 500*1024, live, 10*1024)
			requireNoSecret(t, filepath.Join(dir, "memory"), "hunter2-hunter2")
		})
	}
}

// A target that has to be killed has no time to write what the tool saw: the run is no pass.
func TestATracedTargetThatIsKilled(t *testing.T) {
	tier.Long(t)
	file := leaky(t, []string{"valgrind"}, ", ignore")
	dir := filepath.Join(filepath.Dir(file), "run")
	cmd := exec.Command(program("brrtload"), "run", file, "-q", "--memory", "dhat", "--dir", dir)
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, reports.StatusInconclusive, cmd.ProcessState.ExitCode(), "%s", out)
	require.Contains(t, string(out), "was killed")
	r, err := reports.Read(dir)
	require.NoError(t, err)
	for _, c := range r.Checks {
		if c.ID == "memory-traced" || c.ID == "leak" || c.ID == "allocations" {
			require.Equal(t, assertions.Inconclusive, c.Verdict, "%s: %s", c.ID, c.Sentence())
		}
	}
}

// requireNoSecret reads the raw files of a tool, heaptrack's through the compression.
func requireNoSecret(t *testing.T, dir, secret string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		require.NoError(t, err)
		if filepath.Ext(entry.Name()) == ".zst" {
			r, err := zstd.NewReader(nil)
			require.NoError(t, err)
			text, err = r.DecodeAll(text, nil)
			require.NoError(t, err)
			r.Close()
		}
		require.Contains(t, string(text), "--token=REDACTED", entry.Name())
		require.NotContains(t, string(text), secret, entry.Name())
	}
}
