package http1

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// With a tick every 200 µs the deferred wake-ups come once a millisecond, all together, and none
// before an answer can be there.
func TestDeferredWakeUpsComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w WakeUps
		woken := make([]time.Duration, 3)
		start := time.Now()
		const gap = 200 * time.Microsecond
		w.Tick(0, gap)
		for i, expected := range []time.Duration{100 * time.Microsecond, 300 * time.Microsecond, 1500 * time.Microsecond} {
			go func() {
				w.await(make(chan struct{}, 1), expected)
				woken[i] = time.Since(start)
			}()
		}
		synctest.Wait()
		for now := gap; now < 4*time.Millisecond; now += gap {
			time.Sleep(gap)
			w.Tick(now, now+gap)
		}
		synctest.Wait()
		require.Equal(t, []time.Duration{1200 * time.Microsecond, 1200 * time.Microsecond, 2200 * time.Microsecond}, woken)
	})
}

// No connection is left waiting for a tick that does not come soon, or not at all.
func TestNoWakeUpIsDeferredWithoutATickSoon(t *testing.T) {
	for name, next := range map[string]time.Duration{
		"never": 0, "late": 10*time.Microsecond + maxDeferral + 1, "passed": 5 * time.Microsecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			var w WakeUps
			w.await(nil, time.Hour) // no tick has come yet
			w.Tick(0, 10*time.Microsecond)
			require.True(t, w.soon(), name)
			let := false
			go func() {
				w.await(make(chan struct{}, 1), time.Hour)
				let = true
			}()
			synctest.Wait()
			require.False(t, let, name)
			w.Tick(10*time.Microsecond, next)
			synctest.Wait()
			require.True(t, let, name)
			require.False(t, w.soon(), name)
			w.await(nil, time.Hour)
		})
	}
}
