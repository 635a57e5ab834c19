// Package cpu uses processor time on purpose, by the clock of the thread, so that a busy machine
// makes it take longer but not cost more.
package cpu

import (
	"context"
	"runtime"
	"time"
)

// Burn uses that much CPU time of the calling thread, or less when the context ends, and gives how
// much it was: up to two microseconds more than asked. Nothing is used when nothing is asked.
func Burn(ctx context.Context, d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := used()
	now := began
	for ; now < began+d && ctx.Err() == nil; now = used() {
		spin()
	}
	return now - began
}

// spin takes about a microsecond.
//
//go:noinline
func spin() {
	for range 1000 {
	}
}

var start = time.Now()

func elapsed() time.Duration { return time.Since(start) }
