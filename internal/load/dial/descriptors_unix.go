//go:build unix

package dial

import (
	"context"
	"net"
	"syscall"
)

// Reserved is how many of the process's file descriptors the load leaves free: scrapes go on, and
// the evidence is saved, however many connections hits want.
const Reserved = 16

// Descriptors returns how many file descriptors the process may have open, and 0 when that is not
// known. Go has raised the limit as far as it may be.
func Descriptors() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return uint64(limit.Cur) //nolint:unconvert // it is signed on some systems
}

// dialer makes connections, and refuses to make one from the reserved descriptors. The kernel gives
// the lowest number that is free.
func dialer() *net.Dialer { return limited(Descriptors()) }

func limited(limit uint64) *net.Dialer {
	if limit == 0 {
		return new(net.Dialer)
	}
	return &net.Dialer{ControlContext: func(_ context.Context, _, _ string, c syscall.RawConn) error {
		full := false
		err := c.Control(func(fd uintptr) { full = uint64(fd)+Reserved >= limit })
		if full {
			return syscall.EMFILE
		}
		return err
	}}
}
