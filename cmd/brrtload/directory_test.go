package main

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

func TestOneRunOfManyClaimsADirectory(t *testing.T) {
	for range 20 {
		dir := filepath.Join(t.TempDir(), "run")
		var claimed atomic.Int32
		var beginning sync.WaitGroup
		for range 16 {
			beginning.Go(func() {
				if _, err := (&runFlags{dir: dir}).directory("s"); err == nil {
					claimed.Add(1)
				} else if status(err) != reports.StatusUsage {
					t.Errorf("status %d: %v", status(err), err)
				}
			})
		}
		beginning.Wait()
		require.EqualValues(t, 1, claimed.Load())
	}
}

func TestADirectoryOfAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chown(dir, 65534, 65534))
	_, err := (&runFlags{dir: dir}).directory("s")
	require.Equal(t, reports.StatusUsage, status(err))
	require.ErrorContains(t, err, "belongs to another user")
	inside, err := (&runFlags{dir: filepath.Join(dir, "s")}).directory("s")
	require.NoError(t, err)
	require.DirExists(t, inside)
}

func TestReadingAFileIsBounded(t *testing.T) {
	for name, want := range map[string]string{
		"/dev/zero": "a device; want a regular file", t.TempDir(): "is a directory", pipe(t): "a pipe without a writer", sparse(t): "larger than",
	} {
		_, err := files{}.Open(name)
		require.ErrorContains(t, err, want, name)
		require.True(t, unreadable(err), name)
	}
}

// sparse returns a large file that takes no room.
func sparse(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "large")
	file, err := os.Create(name)
	require.NoError(t, err)
	require.NoError(t, file.Truncate(3<<30))
	require.NoError(t, file.Close())
	return name
}
