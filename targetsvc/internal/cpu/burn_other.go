//go:build !linux

package cpu

import "time"

// used is the time that has gone by: without a clock of the thread's own, other threads' time
// counts too.
func used() time.Duration { return elapsed() }
