package checks

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// HAProxy exposes NaN for what it does not measure.
func TestNotANumberIsNoOverflow(t *testing.T) {
	require.Empty(t, implausible("haproxy_server_check_failures_total", math.NaN(), true))
	require.Contains(t, implausible("queue_depth", 1<<64, false), "2^64")
}
