package evidence

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

func TestABlockTakesNoMoreRoomThanASegment(t *testing.T) {
	var limit unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &limit))
	// as a small disk would: what is asked for beyond fails
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: segment, Max: limit.Max}))
	defer unix.Setrlimit(unix.RLIMIT_FSIZE, &limit) //nolint:errcheck // it was so before
	dir := t.TempDir()
	require.NoError(t, Room(dir))
	s, err := Create(dir)
	require.NoError(t, err)
	defer s.Close() //nolint:errcheck // it was saved
	b := s.At(time.Now())
	b.Add(labels.FromStrings(model.MetricNameLabel, "m"), 1)
	require.NoError(t, b.Commit())
	require.NoError(t, s.Save())
	found, err := filepath.Glob(filepath.Join(dir, dataDir, "*", "chunks", "*"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	info, err := os.Stat(found[0])
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(segment))

	require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: segment - 1, Max: limit.Max}))
	require.ErrorContains(t, Room(dir), "a run needs 8192 KiB")
}

func TestEvidenceIsNotWrittenThroughALink(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.WriteFile(elsewhere, []byte("mine"), 0o600))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(dir, "f.tmp")))
	require.Error(t, writeJSON(filepath.Join(dir, "f"), 1))
	text, err := os.ReadFile(elsewhere)
	require.NoError(t, err)
	require.Equal(t, "mine", string(text))
}
