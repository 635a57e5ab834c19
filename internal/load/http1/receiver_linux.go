package http1

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// receiver receives from a socket, and with the bytes the time at which the kernel took them from
// the network (SO_TIMESTAMPNS, socket(7)): an answer's time does not depend on when this process
// reads it.
type receiver struct {
	message unix.Msghdr
	vector  unix.Iovec
	control [64]byte // room for one time
	came    int64    // nanoseconds since 1970; 0 when the kernel did not say
}

// into reports where to put the bytes; b must not be empty.
func (r *receiver) into(b []byte) {
	r.vector.Base = unsafe.SliceData(b)
	r.vector.SetLen(len(b))
}

// receive takes what is there, without the runtime's knowledge. The file descriptor must be one
// that never blocks.
func (r *receiver) receive(fd uintptr) (int, syscall.Errno) {
	r.came = 0
	r.message.Iov, r.message.Iovlen = &r.vector, 1
	r.message.Control = &r.control[0]
	r.message.SetControllen(len(r.control))
	n, _, errno := syscall.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&r.message)), 0)
	if errno != 0 {
		return 0, errno
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(&r.control))
	stamped := header.Level == unix.SOL_SOCKET && header.Type == unix.SCM_TIMESTAMPNS
	if r.message.Controllen >= unix.SizeofCmsghdr && stamped {
		r.came = (*unix.Timespec)(unsafe.Pointer(&r.control[unix.SizeofCmsghdr])).Nano()
	}
	return int(n), 0
}

// age returns how long ago the bytes came. It is 0 when that is not known, or cannot be since the
// clock was set back.
func (r *receiver) age() time.Duration {
	if r.came == 0 {
		return 0
	}
	return max(time.Duration(time.Now().UnixNano()-r.came), 0)
}
