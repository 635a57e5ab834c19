// Package cpu uses processor time on purpose, by the clock of the thread, so that a busy machine makes it take longer but not
// cost more.
package cpu

import (
	"context"
	"runtime"
	"time"
)

// Burn uses that much CPU time of the calling thread, to a few microseconds, or less when the context ends.
func Burn(ctx context.Context, d time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for until := used() + d; used() < until && ctx.Err() == nil; {
		spin()
	}
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
