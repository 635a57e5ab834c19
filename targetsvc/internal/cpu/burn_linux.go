package cpu

import (
	"time"

	"golang.org/x/sys/unix"
)

// used is the CPU time that the calling thread has used.
func used() time.Duration {
	var at unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &at); err != nil {
		return elapsed()
	}
	return time.Duration(at.Nano())
}
