package cpu

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBurnUsesWhatIsAskedAndLittleMore(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, want := range []time.Duration{100 * time.Microsecond, time.Millisecond, 20 * time.Millisecond} {
		before := used()
		told := Burn(t.Context(), want)
		got := used() - before
		require.GreaterOrEqual(t, told, want)
		require.GreaterOrEqual(t, got, told)
		require.Less(t, got, want+5*time.Millisecond)
	}
}

func TestNothingIsBurntWhenNothingIsAsked(t *testing.T) {
	require.Zero(t, Burn(t.Context(), 0))
	require.Zero(t, Burn(t.Context(), -time.Second))
}

func TestBurnEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := used()
	Burn(ctx, time.Hour)
	require.Less(t, used()-began, time.Minute)
}
