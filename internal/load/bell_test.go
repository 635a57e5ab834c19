package load

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A bell that rings every 200 µs wakes those who wait once a millisecond, all together, and nobody before an answer can be there.
func TestABellWakesWorkersTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bell
		woken := make([]time.Duration, 3)
		start := time.Now()
		const gap = 200 * time.Microsecond
		b.ring(0, gap)
		for i, expected := range []time.Duration{100 * time.Microsecond, 300 * time.Microsecond, 1500 * time.Microsecond} {
			go func() {
				b.await(make(chan struct{}, 1), expected)
				woken[i] = time.Since(start)
			}()
		}
		synctest.Wait()
		for now := gap; now < 4*time.Millisecond; now += gap {
			time.Sleep(gap)
			b.ring(now, now+gap)
		}
		synctest.Wait()
		require.Equal(t, []time.Duration{1200 * time.Microsecond, 1200 * time.Microsecond, 2200 * time.Microsecond}, woken)
	})
}

// Nobody is left waiting for a bell that will not ring soon, or not at all.
func TestABellThatWillNotRingLetsGo(t *testing.T) {
	for name, next := range map[string]time.Duration{"never": 0, "late": 10*time.Microsecond + patience + 1, "passed": 5 * time.Microsecond} {
		synctest.Test(t, func(t *testing.T) {
			var b bell
			b.await(nil, time.Hour) // it has not rung yet
			b.ring(0, 10*time.Microsecond)
			require.True(t, b.soon(), name)
			let := false
			go func() {
				b.await(make(chan struct{}, 1), time.Hour)
				let = true
			}()
			synctest.Wait()
			require.False(t, let, name)
			b.ring(10*time.Microsecond, next)
			synctest.Wait()
			require.True(t, let, name)
			require.False(t, b.soon(), name)
			b.await(nil, time.Hour)
		})
	}
}
