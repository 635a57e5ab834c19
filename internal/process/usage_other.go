//go:build !linux

package process

import (
	"errors"
	"time"
)

// Usage is what a process has used: CPU in seconds since its start, memory in bytes.
type Usage struct {
	CPU          time.Duration
	Resident     int64
	ResidentPeak int64 // the most that was resident since its start
	Anonymous    int64 // of no file: heap, stacks; resident or swapped
}

var errUnsupported = errors.New("process CPU and memory can be read on Linux only")

// UsageOf is not supported here.
func UsageOf(int) (Usage, error) { return Usage{}, errUnsupported }

// CPU is not supported here.
func CPU(int) (time.Duration, error) { return 0, errUnsupported }
