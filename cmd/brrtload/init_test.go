package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/discover/instrumented"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// What init writes validates against the service, and its first run passes: all counts are exact.
// Only a machine without CPU to spare leaves something undecided.
func TestWhatInitWritesPasses(t *testing.T) {
	t.Parallel()
	defer together.turn()()
	initiated(t, instrumented.Classes(), []string{"handler!=", "$${1}xx", "/ 1000"})
}

func TestWhatInitWritesPassesOnMoreServices(t *testing.T) {
	tier.Long(t)
	for name, c := range map[string]struct {
		service http.Handler
		writes  []string
	}{
		"codes":          {instrumented.Codes(), []string{"sum by (code)", "http_requests_in_flight", "service-p99"}},
		"counts scrapes": {instrumented.CountsScrapes(), []string{"brrtload_scrapes_total"}},
		"total":          {instrumented.Total(), []string{"server: >-\n      sum(increase(http_requests_total"}},
		"leaves out":     {instrumented.LeavesOut(), []string{`request!~"no such path|head"`, "service-mean"}},
		"raw paths":      {instrumented.Raw(), []string{"sum by (code)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer together.turn()()
			initiated(t, c.service, c.writes)
		})
	}
}

func TestInitOfASilentServiceLeavesTheIdentityOut(t *testing.T) {
	tier.Long(t)
	text := initiated(t, instrumented.Silent(), nil)
	require.NotContains(t, text, "identities:")
}

// initiated runs init on a service, and what it wrote.
func initiated(t *testing.T, service http.Handler, writes []string) (text string) {
	t.Helper()
	server := httptest.NewServer(service)
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "service.yaml")
	brrtload := func(args ...string) (string, int) {
		cmd := exec.Command(program("brrtload"), args...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput() // the exit status is looked at
		return string(out), cmd.ProcessState.ExitCode()
	}
	flags := []string{"init", server.URL, "--path", instrumented.Items, "--path", instrumented.Slow, "-o", "service.yaml", "-q"}
	out, status := brrtload(append(flags, "--ci", "github")...)
	require.Zero(t, status, out)
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	text = string(written)
	for _, part := range writes {
		require.Contains(t, text, part)
	}
	job, err := os.ReadFile(filepath.Join(dir, ".github", "workflows", "brrtload-service.yml"))
	require.NoError(t, err)
	require.Contains(t, string(job), "scenario: service.yaml")

	_, err = os.Stat(filepath.Join(dir, "service.contract.yaml"))
	require.NoError(t, err)

	out, status = brrtload(flags...)
	require.Equal(t, reports.StatusUsage, status, "it does not overwrite")
	require.Contains(t, out, "service.yaml exists")

	out, status = brrtload("validate", "service.yaml", "--against", server.URL)
	require.Zero(t, status, out)
	require.NotContains(t, out, "warning")

	out, status = brrtload("run", "service.yaml", "-q", "--dir", "run")
	r, err := reports.Read(filepath.Join(dir, "run"))
	require.NoError(t, err, out)
	switch short := shortage(r); {
	case status == reports.StatusPass, status == reports.StatusInconclusive && short != "":
	default:
		t.Errorf("exit status %d (%s): %s", status, short, out)
	}
	require.Empty(t, accusing(r))
	for _, id := range []string{"requests-counted", "counter-alive"} {
		if strings.Contains(text, "id: "+id) {
			require.Equal(t, assertions.Pass, checkOf(r, id).Verdict, checkOf(r, id).Reason)
		}
	}
	return text
}
