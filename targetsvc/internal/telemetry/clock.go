//go:build !notelemetry

package telemetry

import "time"

var processStart = time.Now()

// now is the time since the process started, in nanoseconds of the monotonic clock. It is never 0,
// which means not read.
func now() int64 { return int64(time.Since(processStart)) }
