package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Usage is what a process has used: CPU in seconds since its start, memory in bytes.
type Usage struct {
	CPU          time.Duration
	Resident     int64
	ResidentPeak int64 // the most that was resident since its start
	Anonymous    int64 // of no file: heap, stacks; resident or swapped
}

// UsageOf reads the CPU clock (to the nanosecond; see clock_getcpuclockid(3)) and /proc of a
// process. It costs two small files and a system call, about 30 µs.
func UsageOf(pid int) (Usage, error) {
	cpu, err := CPU(pid)
	if err != nil {
		return Usage{}, err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Usage{}, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	return Usage{CPU: cpu, Resident: kilobytes(status, "VmRSS:"), ResidentPeak: kilobytes(status, "VmHWM:"),
		Anonymous: kilobytes(status, "RssAnon:") + kilobytes(status, "VmSwap:")}, nil
}

// CPU reads the process's CPU clock: user and system time of all its threads, ended ones included.
func CPU(pid int) (time.Duration, error) {
	var ts unix.Timespec
	const schedulerClock = 2 // CPUCLOCK_SCHED
	if err := unix.ClockGettime(int32(^pid<<3|schedulerClock), &ts); err != nil {
		return 0, fmt.Errorf("CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// kilobytes reads a line such as "VmRSS:     1234 kB" as bytes; 0 when it is not there (a zombie
// has none).
func kilobytes(status []byte, name string) int64 {
	_, rest, found := bytes.Cut(status, []byte(name))
	if !found {
		return 0
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	n, _ := strconv.ParseInt(string(bytes.TrimSuffix(bytes.TrimSpace(line), []byte(" kB"))), 10, 64)
	return n << 10
}
