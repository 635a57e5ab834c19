package clock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An instant never comes early, whether the timers were set ahead for it, skipped or set anew.
func TestAWaitNeverEndsEarly(t *testing.T) {
	for name, coarse := range map[string]bool{"a kernel timer": false, "Go's timer": true} {
		t.Run(name, func(t *testing.T) {
			w, err := New(coarse)
			require.NoError(t, err)
			defer func() { require.NoError(t, w.Close()) }()
			start := time.Now()
			at := func(i int) time.Time { return start.Add(time.Duration(i) * 500 * time.Microsecond) }
			for i := 0; i < 100; i += 1 + i%3 { // some of the upcoming ones are never waited for
				then := func(n int) (time.Time, bool) { return at(i + 1 + n), i+n < 99 }
				require.True(t, w.Until(at(i), then))
				require.False(t, time.Now().Before(at(i)), "instant %d", i)
			}
		})
	}
}

// Stop ends a wait of an hour, and every later one.
func TestStopEndsAWait(t *testing.T) {
	for name, coarse := range map[string]bool{"a kernel timer": false, "Go's timer": true} {
		t.Run(name, func(t *testing.T) {
			w, err := New(coarse)
			require.NoError(t, err)
			defer func() { require.NoError(t, w.Close()) }()
			time.AfterFunc(10*time.Millisecond, w.Stop)
			require.False(t, w.Until(time.Now().Add(time.Hour), Nothing))
			require.False(t, w.Until(time.Now().Add(time.Hour), Nothing))
			w.Stop()
		})
	}
}
