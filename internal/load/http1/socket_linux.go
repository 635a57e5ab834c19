package http1

import (
	"errors"
	"io"
	"net"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket sends a message and reads the answer with as few system calls as there can be. Through
// net.Conn each hit costs a read that finds nothing before the one that finds the answer; here the
// message is written where the runtime would first try to read. As no call can block, the runtime
// does not see them: at a few thousand hits a second it would wake its monitor thread for nearly
// every one, at a tenth of the CPU time of a hit.
type socket struct {
	raw     syscall.RawConn
	buffer  []byte // to write or to read into
	moved   int
	err     error
	tried   bool
	waits   bool // for something to read, after writing
	raised  bool // the low-water mark is raised: a short answer does not wake the process
	in      receiver
	setting setting
	found   syscall.Errno // by the last look

	// The methods of these names, as values: made once, they cost no allocation.
	asking   func(fd uintptr) bool
	taking   func(fd uintptr) bool
	applying func(fd uintptr)
	looking  func(fd uintptr)
}

// newSocket returns nil for a connection that is no socket, such as one with TLS on it.
func newSocket(conn net.Conn) *socket {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{raw: raw}
	s.asking, s.taking, s.applying, s.looking = s.ask, s.take, s.apply, s.look
	s.option(unix.SO_TIMESTAMPNS, 1)
	return s
}

// send writes the message and, if asked to, waits until there is something to read. The error is of
// the writing, or says that the wait was ended.
func (s *socket) send(conn io.Writer, message []byte, wait bool) (written int, err error) {
	s.buffer, s.moved, s.err, s.tried, s.waits = message, 0, nil, false, wait
	err = s.raw.Read(s.asking)
	if s.err != nil {
		err = s.err
	}
	if err != nil || s.moved == len(message) {
		return s.moved, err
	}
	rest, err := conn.Write(message[s.moved:]) // more than the socket takes at once
	return s.moved + rest, err
}

// ask writes once, when it is first called; when it is called again there is something to read.
func (s *socket) ask(fd uintptr) bool {
	if s.tried {
		return true
	}
	s.tried = true
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd,
		uintptr(unsafe.Pointer(unsafe.SliceData(s.buffer))), uintptr(len(s.buffer)))
	switch {
	case errno == syscall.EAGAIN || errno == syscall.EINTR:
		return true
	case errno != 0:
		s.err = errno
		return true
	}
	s.moved = int(n)
	return !s.waits || s.moved < len(s.buffer)
}

// Read implements io.Reader.
func (s *socket) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	s.moved, s.err = 0, nil
	s.in.into(b)
	if err := s.raw.Read(s.taking); err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			op.Op = "read" // the runtime says "raw-read"
		}
		return 0, err
	}
	if s.moved == 0 && s.err == nil {
		return 0, io.EOF
	}
	return s.moved, s.err
}

func (s *socket) take(fd uintptr) bool {
	for {
		n, errno := s.in.receive(fd)
		switch {
		case errno == syscall.EAGAIN && s.raised:
			s.resetLowWater() // and look again, for what has come meanwhile
		case errno == syscall.EAGAIN:
			return false
		case errno == syscall.EINTR:
		case errno != 0:
			s.err = errno
			return true
		default:
			s.moved = n
			return true
		}
	}
}

// age returns how long ago the last bytes that were read had come to this machine. It is 0 when the
// kernel did not say.
func (s *socket) age() time.Duration { return s.in.age() }

// stale reports whether the other side has closed the idle connection, or sent what was not asked
// for. It does not wait.
func (s *socket) stale() bool {
	return s.raw.Control(s.looking) != nil || s.found != syscall.EAGAIN
}

// look peeks at what there is to be read, without the runtime's knowledge.
func (s *socket) look(fd uintptr) {
	var one [1]byte
	const peek = unix.MSG_PEEK | unix.MSG_DONTWAIT
	_, _, s.found = syscall.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&one)), 1, peek, 0, 0)
}

// lowWater is how many bytes come to a socket with a raised mark before the kernel wakes the
// process.
const lowWater = 32 << 10

// raiseLowWater asks the kernel not to wake the process for a short answer (SO_RCVLOWAT), and
// reports whether it will not. An end or a reset wakes it all the same.
func (s *socket) raiseLowWater() bool {
	if !s.raised {
		s.raised = s.option(unix.SO_RCVLOWAT, lowWater)
	}
	return s.raised
}

// resetLowWater makes every byte wake the process, at once if something has come meanwhile.
func (s *socket) resetLowWater() {
	if s.raised {
		s.raised = false
		s.option(unix.SO_RCVLOWAT, 1)
	}
}

// option sets an option of the socket, and reports whether it is set.
func (s *socket) option(name, value int) bool {
	s.setting = setting{name, int32(value), syscall.EBADF}
	return s.raw.Control(s.applying) == nil && s.setting.errno == 0
}

// setting is an option of a socket and what it should be.
type setting struct {
	name  int
	value int32
	errno syscall.Errno
}

// apply sets the option without the runtime's knowledge. The call cannot block.
func (s *socket) apply(fd uintptr) {
	o := &s.setting
	_, _, o.errno = syscall.RawSyscall6(unix.SYS_SETSOCKOPT, fd, unix.SOL_SOCKET, uintptr(o.name),
		uintptr(unsafe.Pointer(&o.value)), unsafe.Sizeof(o.value), 0)
}
