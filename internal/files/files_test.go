package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestReadingAFileIsBounded(t *testing.T) {
	for name, want := range map[string]string{
		"/dev/zero": "a device; want a regular file", t.TempDir(): "is a directory", pipe(t): "a pipe without a writer", sparse(t): "larger than",
	} {
		_, err := OS{}.Open(name)
		require.ErrorContains(t, err, want, name)
		require.True(t, Unreadable(err), name)
	}
}

func TestOneFileAlone(t *testing.T) {
	one := Single{Title: "get.yaml", Text: "name: get\n"}
	text, err := fs.ReadFile(one, "get.yaml")
	require.NoError(t, err)
	require.Equal(t, one.Text, string(text))
	_, err = fs.ReadFile(one, "other.yaml")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Equal(t, "file does not exist", Reason(err))
}

// pipe returns a named pipe without a writer.
func pipe(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, unix.Mkfifo(name, 0o600))
	return name
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
