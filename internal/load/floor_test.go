package load

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/pace"
)

// The floor is known of every hit, however slow the machine is, and of each engine.
func TestTheFloorCountsEveryHit(t *testing.T) {
	for _, o := range []Options{{Connections: 4}, {Connections: 4, Engine: Vegeta}, {Connections: 4, H2C: true}} {
		lag, err := Floor(t.Context(), 1000*pace.PerSecond, 20*time.Millisecond, o)
		require.NoError(t, err)
		require.Equal(t, uint64(20), lag.Count())
	}
}
