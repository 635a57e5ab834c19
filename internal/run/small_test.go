package run

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// percent returns how much garbage may lie about.
func percent() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

func TestTheProcessIsSmallWhileTheLoadIsSentUnlessToldOtherwise(t *testing.T) {
	t.Setenv("GOGC", "") // as if unset
	before := percent()
	restore := small()
	require.Equal(t, garbage, percent())
	restore()
	require.Equal(t, before, percent())

	t.Setenv("GOGC", "80")
	restore = small()
	require.Equal(t, before, percent())
	restore()
	require.Equal(t, before, percent())
}
