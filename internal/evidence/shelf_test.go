package evidence

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// scrapes adds seconds from to to of two counters and a histogram: more than fits in a chunk of
// each.
func scrapes(t *testing.T, s *Store, from, to int) {
	for i := from; i < to; i++ {
		put(t, s, float64(i), float64(3*i), "x_total", "handler", "a")
		put(t, s, float64(i), float64(i*i), "x_total", "handler", "b")
		b := s.At(at(float64(i)))
		addHistogram(b, labels.FromStrings(model.MetricNameLabel, "h"), observations(uint64(i*10)))
		require.NoError(t, b.Commit())
	}
}

// shelved returns the bytes of the files in which full chunks are.
func shelved(t *testing.T, s *Store) (sum int64) {
	files, err := filepath.Glob(filepath.Join(s.dir, dataDir, chunksDir, "*"))
	require.NoError(t, err)
	for _, file := range files {
		info, err := os.Stat(file)
		require.NoError(t, err)
		sum += info.Size()
	}
	return sum
}

var hour = facts.Window{Name: facts.Run, Start: t0, End: at(3599)}

// requireHour wants every sample of an hour to be found, in whatever chunk it is.
func requireHour(t *testing.T, s *Store) {
	require.EqualValues(t, 3600, ask(t, s, `count_over_time(x_total{handler="a"}[range()]) + 1`, hour), "the first lies on the edge")
	require.EqualValues(t, 3*3599, ask(t, s, `increase(x_total{handler="a"}[range()] anchored)`, hour))
	require.EqualValues(t, 3599*3599, ask(t, s, `increase(x_total{handler="b"}[range()] anchored)`, hour))
	require.EqualValues(t, 0, ask(t, s, `resets(x_total{handler="b"}[range()])`, hour))
	require.EqualValues(t, 35990, ask(t, s, `histogram_count(h)`, hour))
}

func TestFullChunksAreInFilesUntilAllIsSaved(t *testing.T) {
	s, err := Create(t.TempDir())
	require.NoError(t, err)
	scrapes(t, s, 0, 100)
	before := shelved(t, s)
	require.Zero(t, before, "no chunk is full")
	scrapes(t, s, 100, 3600)
	require.Greater(t, shelved(t, s), before)
	requireHour(t, s)
	require.NoError(t, s.Save())
	requireHour(t, s)
	saved, err := Open(s.dir)
	require.NoError(t, err)
	requireHour(t, saved)
	require.NoError(t, saved.Close())
	require.NoError(t, s.Close())
	require.Zero(t, shelved(t, s), "what is in the block is not kept twice")
}

func TestADiskThatIsFullUnderWayIsAnErrorOfSave(t *testing.T) {
	s := create(t)
	require.NoError(t, os.RemoveAll(filepath.Join(s.dir, dataDir, chunksDir))) // no file can be made there
	scrapes(t, s, 0, 3600)
	requireHour(t, s) // it stayed in memory
	require.ErrorContains(t, s.Save(), "save evidence: write samples to disk: ")
	require.NoFileExists(t, filepath.Join(s.dir, factsFile))
}

func TestWritingTellsBugsFromDisks(t *testing.T) {
	require.NoError(t, writing(func() {}))
	require.ErrorIs(t, writing(func() { panic(os.ErrPermission) }), os.ErrPermission)
	var nothing []int
	require.Panics(t, func() { _ = writing(func() { nothing[0] = 1 }) })
	require.PanicsWithValue(t, "a word", func() { _ = writing(func() { panic("a word") }) })
}
