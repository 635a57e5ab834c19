package clock

import (
	"runtime"
	"sync/atomic"
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

// An interrupt just before the timers are set is not forgotten: a wait may begin as it is stopped.
func TestAnInterruptOutlastsTheSetting(t *testing.T) {
	for name, coarse := range map[string]bool{"a kernel timer": false, "Go's timer": true} {
		t.Run(name, func(t *testing.T) {
			w, err := New(coarse)
			require.NoError(t, err)
			defer func() { require.NoError(t, w.Close()) }()
			over := make(chan struct{})
			go func() {
				defer close(over)
				w.timer.interrupt()
				w.timer.wait(time.Now().Add(time.Hour), Nothing)
			}()
			select {
			case <-over:
			case <-time.After(time.Minute):
				t.Fatal("it waits on")
			}
		})
	}
}

// A process with one CPU that has work all the time notices an instant as soon as the work pauses, and
// not only when it is done: the network poller is not asked before that. On a busy machine the waiting
// thread itself may have to wait for a CPU, so some of many waits must do.
func TestAWaitEndsBesideWork(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	w, err := New(false)
	require.NoError(t, err)
	defer func() { require.NoError(t, w.Close()) }()
	const waits, few = 20, 10
	var at time.Time
	var over atomic.Bool
	prompt := 0
	for range waits {
		at = time.Now().Add(time.Millisecond)
		over.Store(false)
		go func() {
			w.Until(at, Nothing)
			over.Store(true)
		}()
		late := 0 // pauses after the instant
		for ; !over.Load(); runtime.Gosched() {
			if time.Now().After(at) {
				late++
			}
		}
		if late < few {
			prompt++
		}
	}
	require.GreaterOrEqual(t, prompt, waits/3)
}
