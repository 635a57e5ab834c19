package checks

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The end of a type says "never" of a point in time and "none" of a limit; of a duration it is an
// integer that nobody set.
func TestTheEndOfATypeMayMeanNever(t *testing.T) {
	for name, value := range map[string]float64{
		"tsdb_head_min_time_seconds": (1 << 63) / 1e3, "tsdb_lowest_timestamp_seconds": (1 << 63) / 1e3, "heap_limit_bytes": 1 << 63,
	} {
		require.Empty(t, implausible(name, value, false), name)
	}
	for name, value := range map[string]float64{
		"path_latency_seconds_min": (1 << 64) / 1e9, "response_time_seconds": (1 << 63) / 1e9, "queue_depth": 1 << 64,
	} {
		require.NotEmpty(t, implausible(name, value, false), name)
	}
}
