//go:build !notelemetry

package stack

import (
	"bytes"
	"io"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProfilersUnwindAWatchedStack runs every unwinder of the runtime over watched coroutines: the
// CPU profile and the execution tracer, which follow frame pointers, block and mutex profiles, and
// stack dumps. Painting one word too many breaks the chain of frame pointers on arm64, and the
// process with it.
func TestProfilersUnwindAWatchedStack(t *testing.T) {
	runtime.SetBlockProfileRate(1)
	defer runtime.SetBlockProfileRate(0)
	defer runtime.SetMutexProfileFraction(runtime.SetMutexProfileFraction(1))
	require.NoError(t, trace.Start(io.Discard))
	defer trace.Stop()
	require.NoError(t, pprof.StartCPUProfile(io.Discard))
	defer pprof.StopCPUProfile()

	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			Run(0x4001, func(w *Watch) {
				truth := 0
				for i := range 300 {
					truth = max(truth, w.depth(i%25))
					mu.Lock()
					runtime.Gosched() // an event that unwinds, under contention
					mu.Unlock()
					w.Sample()
					if got := used(w); got < truth || got > truth+slack {
						t.Errorf("request %d: measured %d bytes where %d were used", i, got, truth)
						return
					}
				}
			})
		})
	}
	parked, release := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		Run(0x4001, func(*Watch) { close(parked); <-release })
	})
	<-parked
	var dump bytes.Buffer
	for range 20 {
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&dump, 2))
		runtime.GC()
	}
	close(release)
	wg.Wait()
	assert.True(t, strings.Contains(dump.String(), "stack.Run("), "the dumps have a watched coroutine in them")
}
