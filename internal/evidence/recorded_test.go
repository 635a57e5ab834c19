package evidence

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEvidenceIsCheap judges what was recorded of the benchmarks of this package and of packages
// scrape and load.
func TestEvidenceIsCheap(t *testing.T) {
	for _, kind := range []string{"text", "OpenMetrics", "protobuf"} {
		recorded := benchmark(t, "BenchmarkScrape/"+kind)
		require.InDelta(t, 10_000, recorded["series"], 100, kind)
		require.Less(t, recorded["%core"], 2.0, "%s: a scrape of 10,000 series a second takes so much of a core", kind)
	}
	budgets := benchmark(t, "BenchmarkBudgets/46_of_one_handler")["ns/op"] + benchmark(t, "BenchmarkBudgets/4_of_all_handlers")["ns/op"]
	require.Less(t, time.Duration(budgets), 10*time.Second, "50 budgets over ten minutes of 10,000 series are judged in seconds, one after the other")
	hour := benchmark(t, "BenchmarkHour")
	require.Less(t, hour["MB-heap"], 10.0, "a run's memory is its series; that of the samples, when all were kept in it, was 24 MB here")
	require.Less(t, hour["B-disk/sample"], 4.0)
	million := benchmark(t, "BenchmarkMillion")
	require.Less(t, million["B-heap"], 10e6)
	require.Contains(t, million, "B-heap/further-hit")
	require.Less(t, million["B-heap/further-hit"], 0.1, "the ledger does not grow with its hits")
}

// benchmark returns the figures of a benchmark in docs/evidence, by unit: the worst of its runs.
func benchmark(t *testing.T, name string) map[string]float64 {
	text, err := os.ReadFile("../../docs/evidence/evidence-benchmarks.txt")
	require.NoError(t, err)
	worst := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || strings.SplitN(fields[0], "-", 2)[0] != name {
			continue
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			require.NoError(t, err, line)
			worst[fields[i+1]] = max(worst[fields[i+1]], value)
		}
	}
	require.NotEmpty(t, worst, "nothing was recorded of %s", name)
	return worst
}
