package record

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// A recording costs 0.3 ms of CPU at most with ten requests, a tenth of what it once cost, and it
// allocates no copy of a histogram. The two were measured in turn.
func TestEvidenceOfARecording(t *testing.T) {
	text, err := os.ReadFile("../../docs/evidence/record-benchmarks.txt")
	require.NoError(t, err)
	line := regexp.MustCompile(
		`(?m)^BenchmarkRecord/(before|after)/250ms \d+ \d+ ns/op (\d+) cpu-ns/op (\d+) B/op \d+ allocs/op$`,
	)
	spent, bytes := map[string][]float64{}, map[string]float64{}
	for _, m := range line.FindAllStringSubmatch(string(text), -1) {
		nanoseconds, _ := strconv.ParseFloat(m[2], 64)
		spent[m[1]] = append(spent[m[1]], nanoseconds)
		allocated, _ := strconv.ParseFloat(m[3], 64)
		bytes[m[1]] = max(bytes[m[1]], allocated)
	}
	require.Len(t, spent["before"], 5)
	require.Len(t, spent["after"], 5)
	middle := func(which string) float64 { return slices.Sorted(slices.Values(spent[which]))[2] }
	require.LessOrEqual(t, middle("after"), 0.3e6)
	require.LessOrEqual(t, middle("after"), middle("before")/10)
	require.LessOrEqual(t, bytes["after"], bytes["before"]/100)
}
