package record

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/promql"
)

// Assertions know the series that this package writes: all of them, and no others.
func TestAssertionsKnowTheClientsSeries(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	traced, err := filepath.Glob("../memtrace/*.go")
	require.NoError(t, err)
	files = append(files, traced...)
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, found := range regexp.MustCompile(`(?m)^\s+[sS]eries\w+\s+= "(brrtload_\w+)"`).FindAllStringSubmatch(string(text), -1) {
			names = append(names, found[1])
		}
	}
	slices.Sort(names)
	require.Equal(t, names, promql.ClientSeries(), "assertions/promql/client.go lists the series with their labels")
}
