package main

import (
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// A command may be a wrapper around the service: a shell that waits for it, under which nice(1) has
// become it. What the service reports of its CPU and memory is held against the service's process,
// not the shell's.
func TestTargetInAWrapper(t *testing.T) {
	tier.Long(t)
	t.Parallel()
	defer together.turn()()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	report, status := runOf(t, fmt.Sprintf(`
target: {url: "http://%s", command: [sh, -c, 'nice -n 1 "$0" --listen %s --admin 127.0.0.1:0 --fault handler-cpu=10ms; true', %s]}
stages: [{rate: 60, duration: 1s}]
requests: [{name: get pet, get: /pets/1, credential: key}]
credentials: {key: {api_key: {header: X-API-Key, value: test-key}}}
`, address, address, program("targetsvc")))
	require.Equal(t, reports.StatusPass, status, report.Reason)
	for _, note := range report.Notes {
		require.Contains(t, note, "families did not change in the whole run")
	}
	require.Greater(t, report.Target.CPUSeconds, 0.3, "sixty times ten milliseconds, less what a busy machine takes away")
	for _, id := range []string{"cpu-clock", "resident-memory-agrees"} {
		c := checkOf(report, id)
		require.Equal(t, assertions.Pass, c.Verdict, c.Reason)
		require.Regexp(t, `reported, .* observed$`, c.Reason)
	}
}

func checkOf(r reports.Report, id string) assertions.Check {
	for _, c := range r.Checks {
		if c.ID == id {
			return c
		}
	}
	return assertions.Check{Verdict: assertions.Error, Reason: "there is no check " + id}
}
