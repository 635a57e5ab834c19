package evidence

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// mappedPages returns how much of the shelf's files is in this process's memory, in KiB.
func mappedPages(t *testing.T, s *Store) (sum int) {
	text, err := os.ReadFile("/proc/self/smaps")
	require.NoError(t, err)
	mapping := regexp.MustCompile(regexp.QuoteMeta(s.shelf.files) + `/\d+\n(?:.*\n)*?Rss: +(\d+) kB`)
	found := mapping.FindAllSubmatch(text, -1)
	require.NotEmpty(t, found, "a file is mapped")
	for _, m := range found {
		kib, err := strconv.Atoi(string(m[1]))
		require.NoError(t, err)
		sum += kib
	}
	return sum
}

func TestPagesThatWereReadAreGivenBack(t *testing.T) {
	s := create(t)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 { // more than is kept in the buffer before it is written
		put(t, s, float64(i), random.Float64(), "y", "handler", "a")
	}
	read := func() {
		require.EqualValues(t, 20_000, ask(t, s, `count_over_time(y[range()])`, facts.Window{Name: facts.Run, Start: at(-1), End: at(20_000)}))
	}
	read()
	require.Positive(t, mappedPages(t, s), "they were read")
	put(t, s, 20_001, 1, "y", "handler", "b")
	require.Zero(t, mappedPages(t, s))
	read()
}
