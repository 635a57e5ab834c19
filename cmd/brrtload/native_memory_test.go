package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// A leak of 1 KiB a request is found in less than a minute at 100 hits/s, and the function named that
// allocates it, by each of the tools. Without the leak the same run passes.
func TestALeakOfANativeServiceIsNamed(t *testing.T) {
	tier.Long(t)
	dir := buildNative(t)
	for tool, program := range map[string]string{"heaptrack": "heaptrack", "dhat": "valgrind", "massif": "valgrind"} {
		t.Run(tool, func(t *testing.T) {
			if _, err := exec.LookPath(program); err != nil {
				t.Skip(program + " is not installed")
			}
			began := time.Now()
			r, status := runNativeMemory(t, dir, "TOOL="+tool, "LEAK=yes")
			took := time.Since(began)
			require.Equal(t, reports.StatusFail, status, "%s\n%v", r.Reason, r.Notes)
			leak := checkOf(r, "memory-leak")
			require.Equal(t, assertions.Fail, leak.Verdict, leak.Reason)
			require.Contains(t, leak.Reason, `keep_session"`)
			failing := 0
			for _, f := range leak.Findings {
				if f.Verdict == assertions.Fail {
					failing++
				}
			}
			require.Equal(t, 1, failing, "no other function is accused: %v", leak.Findings)
			require.Less(t, took, time.Minute)
			t.Logf("%s: found in %s: %s", tool, took.Round(time.Second), leak.Reason)

			r, status = runNativeMemory(t, dir, "TOOL="+tool, "LEAK=no")
			passes(t, r, status)
			require.Equal(t, assertions.Pass, checkOf(r, "memory-leak").Verdict)
		})
	}
}

// Allocations are counted by handler as heaptrack and DHAT count them, and four lies about memory are
// caught.
func TestMemoryOfANativeService(t *testing.T) {
	tier.Long(t)
	if _, err := exec.LookPath("heaptrack"); err != nil {
		t.Skip("heaptrack is not installed")
	}
	dir := buildNative(t)
	for name, c := range map[string]struct {
		env    []string
		status int
		check  map[string]assertions.Verdict
	}{
		"honest": {nil, reports.StatusPass, map[string]assertions.Verdict{"memory-allocated-by-handler": assertions.Pass,
			"memory-objects-by-handler": assertions.Pass, "memory-resident-at-rest": assertions.Pass, "live-is-at-least-traced": assertions.Pass}},
		"honest, leaking": {[]string{"LEAK=yes", "KIB=32"}, reports.StatusFail, map[string]assertions.Verdict{
			"live-growth-is-traced": assertions.Pass, "live-is-at-least-traced": assertions.Pass, "memory-resident-at-rest": assertions.Pass}},
		"allocations of a handler twice": {[]string{"LIE=doubled"}, reports.StatusUntruthful, map[string]assertions.Verdict{
			"memory-allocated-by-handler": assertions.Untruthful, "memory-objects-by-handler": assertions.Untruthful}},
		"allocations of two handlers exchanged": {[]string{"LIE=swapped"}, reports.StatusUntruthful, map[string]assertions.Verdict{
			"memory-allocated-by-handler": assertions.Untruthful, "memory-objects-by-handler": assertions.Untruthful}},
		"a live gauge that forgets a leak": {[]string{"LIE=forgotten-leak", "LEAK=yes", "KIB=32"}, reports.StatusUntruthful,
			map[string]assertions.Verdict{"live-growth-is-traced": assertions.Untruthful, "live-is-at-least-traced": assertions.Untruthful,
				"memory-allocated-by-handler": assertions.Pass}},
		"a frozen resident size": {[]string{"LIE=frozen", "LEAK=yes", "KIB=32"}, reports.StatusUntruthful,
			map[string]assertions.Verdict{"memory-resident-at-rest": assertions.Untruthful, "live-growth-is-traced": assertions.Pass}},
	} {
		t.Run(name, func(t *testing.T) {
			r, status := runNativeMemory(t, dir, append(c.env, "DURATION=8s")...)
			if c.status == reports.StatusPass {
				passes(t, r, status)
			} else {
				require.Equal(t, c.status, status, "%s\n%v", r.Reason, r.Notes)
			}
			for id, want := range c.check {
				require.Equal(t, want, checkOf(r, id).Verdict, "%s: %s", id, checkOf(r, id).Reason)
				t.Logf("%s: %s", id, checkOf(r, id).Reason)
			}
		})
	}
}

// runNativeMemory runs the example's scenario about memory with an environment.
func runNativeMemory(t *testing.T, dir string, env ...string) (r reports.Report, status int) {
	t.Helper()
	kept := filepath.Join(t.TempDir(), "run")
	run := exec.Command(program("brrtload"), "run", filepath.Join(dir, "memory.yaml"), "-q", "--dir", kept)
	run.Env = append(append(os.Environ(), "PORT="+freePort(t)), env...)
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, _ := run.CombinedOutput() // its status is looked at
	text, err := os.ReadFile(filepath.Join(kept, "result.json"))
	require.NoError(t, err, "%s %s", strings.Join(env, " "), out)
	require.NoError(t, json.Unmarshal(text, &r))
	return r, run.ProcessState.ExitCode()
}

// passes asks for exit status 0, or 4 where the machine had no CPU to spare.
func passes(t *testing.T, r reports.Report, status int) {
	t.Helper()
	if status != reports.StatusInconclusive || shortage(r) == "" {
		require.Equal(t, reports.StatusPass, status, "%s\n%v", r.Reason, r.Notes)
	}
}
