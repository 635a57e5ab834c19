package load

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// inbox receives from a socket, and with the bytes the time at which the kernel took them from the network (SO_TIMESTAMPNS, socket(7)):
// so an answer's time does not depend on when this process got to read it.
type inbox struct {
	message unix.Msghdr
	vector  unix.Iovec
	control [64]byte // room for one time
	came    int64    // nanoseconds since 1970; 0 when the kernel did not say
}

// of says where to put the bytes; b must not be empty.
func (i *inbox) of(b []byte) {
	i.vector.Base = unsafe.SliceData(b)
	i.vector.SetLen(len(b))
}

// receive takes what is there, telling the runtime nothing of it. The file descriptor must be one that never blocks.
func (i *inbox) receive(fd uintptr) (int, syscall.Errno) {
	i.came = 0
	i.message.Iov, i.message.Iovlen = &i.vector, 1
	i.message.Control = &i.control[0]
	i.message.SetControllen(len(i.control))
	n, _, errno := syscall.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&i.message)), 0)
	if errno != 0 {
		return 0, errno
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(&i.control))
	if i.message.Controllen >= unix.SizeofCmsghdr && header.Level == unix.SOL_SOCKET && header.Type == unix.SCM_TIMESTAMPNS {
		i.came = (*unix.Timespec)(unsafe.Pointer(&i.control[unix.SizeofCmsghdr])).Nano()
	}
	return int(n), 0
}

// age gives how long ago the bytes came; 0 when that is not known, or cannot be since the clock was set back.
func (i *inbox) age() time.Duration {
	if i.came == 0 {
		return 0
	}
	return max(time.Duration(time.Now().UnixNano()-i.came), 0)
}
