package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/formats"
)

// keptRun is a directory with the reports of a run that passed.
func keptRun(t *testing.T) (string, reports.Report) {
	t.Helper()
	dir := t.TempDir()
	r := reports.Report{Version: reports.Version, Command: "run", Scenario: "kept", End: reports.Completed, Directory: dir}
	r.Settle(assertions.Judgement{Verdict: assertions.Pass, Reason: "nothing was asked"})
	_, err := formats.Write(dir, r)
	require.NoError(t, err)
	return dir, r
}

// carriedOut carries a command line out.
func carriedOut(args ...string) (status int, stdout, stderr string) {
	var out, trouble bytes.Buffer
	status = execute(context.Background(), args, &out, &trouble)
	return status, out.String(), trouble.String()
}

func TestReportsThatCannotBeWritten(t *testing.T) {
	dir, _ := keptRun(t)
	for _, row := range []struct {
		name, says string
		args       []string
	}{
		{"two on standard output", "standard output has room for one report, and json goes there already; write junit=FILE", []string{"-o", "json", "-o", "junit=-"}},
		{"a directory that is not there", "--output json=no/such.json cannot be written: no such file or directory", []string{"-o", "json=no/such.json"}},
		{"a directory", "--output json=" + dir + " cannot be written: it is a directory", []string{"-o", "json=" + dir}},
	} {
		for _, command := range []string{"report", "verify"} {
			status, out, said := carriedOut(append([]string{command, dir}, row.args...)...)
			require.Equal(t, reports.StatusUsage, status, row.name)
			require.Contains(t, said, row.says)
			require.Empty(t, out, row.name)
		}
	}
	file := filepath.Join(t.TempDir(), "report.json")
	status, out, said := carriedOut("report", dir, "-o", "junit", "-o", "json="+file)
	require.Equal(t, reports.StatusPass, status, said)
	require.Contains(t, out, "<testsuites>")
	require.FileExists(t, file)
}

// A device that is always full can be opened, so that nobody knows before the end.
func TestARunThatCouldNotWriteAReportSaysItsRealStatus(t *testing.T) {
	const full = "/dev/full"
	dir, r := keptRun(t)
	var f runFlags
	require.NoError(t, f.outputs.Set("json="+full))
	require.NoError(t, f.outputs.ready())
	r, err := f.kept(r, nil, nil)
	require.EqualError(t, err, "write json report /dev/full: no space left on device")
	require.Equal(t, reports.StatusInternal, r.Status)
	again, err := reports.Read(dir)
	require.NoError(t, err)
	require.Equal(t, reports.StatusInternal, again.Status, "the run directory says the same")
	require.Equal(t, assertions.Error, again.Verdict)
	require.Equal(t, "write json report /dev/full: no space left on device", again.Reason)
}
