package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

// Where one may not write, nothing is started, and the message says what to do: exit 2.
func TestADirectoryThatMayNotBeWritten(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "s.yaml"),
		[]byte("target: {bundled: {}}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{get: /pets/1}]\n"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o555))
	protect(t, dir)
	for _, row := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"the run directory is there", []string{"run", "s.yaml", "--dir", "empty"}, reports.StatusUsage,
			"brrtload: run directory empty"}, // it may belong to another user, too
		{"what to do about it", []string{"run", "s.yaml", "--dir", "empty"}, reports.StatusUsage, "--dir"},
		{"the run directory is to be made", []string{"run", "s.yaml", "--dir", "empty/run"}, reports.StatusUsage,
			"brrtload: run directory empty/run: mkdir empty/run: permission denied; name another with --dir"},
		{"no directory is named", []string{"run", "s.yaml"}, reports.StatusUsage, "mkdir runs: permission denied; name another with --dir"},
		{"a report goes there", []string{"run", "s.yaml", "--dir", "empty", "-o", "json=empty/r.json"}, reports.StatusUsage,
			"--output json=empty/r.json cannot be written: permission denied"},
	} {
		t.Run(row.name, func(t *testing.T) {
			said, status := asNobody(t, dir, row.args...)
			require.Equal(t, row.status, status, said)
			require.Contains(t, said, row.says)
		})
	}
	left, err := os.ReadDir(filepath.Join(dir, "empty"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// readByOthers judges and shows a kept run as somebody who may only read it.
func readByOthers(t *testing.T, run string) {
	dir := filepath.Dir(run)
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	protect(t, dir)
	kept, err := reports.Read(run)
	require.NoError(t, err)
	shown, status := asNobody(t, dir, "report", run)
	require.Equal(t, 0, status, shown)
	judged, status := asNobody(t, dir, "verify", "--full", run)
	require.Equal(t, kept.Status, status, judged)
	require.Contains(t, judged, kept.Scenario+": "+kept.Reason)
}

// protect takes the right to write from everything below a directory.
func protect(t *testing.T, dir string) {
	t.Helper()
	restore := func(directory, file os.FileMode) error {
		return filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				return os.Chmod(path, directory)
			}
			return os.Chmod(path, file)
		})
	}
	require.NoError(t, restore(0o555, 0o444))
	t.Cleanup(func() { require.NoError(t, restore(0o755, 0o644)) }) // so that it can be removed
}

// asNobody runs brrtload in a directory, as a user who owns nothing when the test's own may do
// anything.
func asNobody(t *testing.T, dir string, args ...string) (said string, status int) {
	t.Helper()
	cmd := exec.Command(program("brrtload"), args...)
	cmd.Dir = dir
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}
