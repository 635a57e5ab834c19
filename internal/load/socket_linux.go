package load

import (
	"io"
	"net"
	"syscall"
	"unsafe"
)

// socket sends a message and reads the answer with as few system calls as there can be. Through net.Conn each hit costs a
// read that finds nothing before the one that finds the answer; here the message is written where the runtime would first
// try to read. And as no call can block, the runtime is not told of them: at a few thousand hits a second it would wake
// its monitor thread for nearly every one, at a tenth of the CPU time of a hit.
type socket struct {
	raw    syscall.RawConn
	buffer []byte // to write or to read into
	moved  int
	err    error
	tried  bool
	asking func(fd uintptr) bool
	taking func(fd uintptr) bool
}

// newSocket gives nil for a connection that is no socket, such as one with TLS on it.
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
	s.asking, s.taking = s.ask, s.take
	return s
}

// send writes the message and waits until there is something to read. The error is of the writing, or says that the wait was ended.
func (s *socket) send(conn io.Writer, message []byte) (written int, err error) {
	s.buffer, s.moved, s.err, s.tried = message, 0, nil, false
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
	n, errno := transfer(syscall.SYS_WRITE, fd, s.buffer)
	switch {
	case errno == syscall.EAGAIN || errno == syscall.EINTR:
		return true
	case errno != 0:
		s.err = errno
		return true
	}
	s.moved = n
	return n < len(s.buffer)
}

// Read implements io.Reader.
func (s *socket) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	s.buffer, s.moved, s.err = b, 0, nil
	if err := s.raw.Read(s.taking); err != nil {
		return 0, err
	}
	if s.moved == 0 && s.err == nil {
		return 0, io.EOF
	}
	return s.moved, s.err
}

func (s *socket) take(fd uintptr) bool {
	for {
		n, errno := transfer(syscall.SYS_READ, fd, s.buffer)
		switch errno {
		case 0:
			s.moved = n
			return true
		case syscall.EAGAIN:
			return false
		case syscall.EINTR:
		default:
			s.err = errno
			return true
		}
	}
}

// transfer reads or writes without telling the runtime. The file descriptor must be one that never blocks, and b not empty.
func transfer(call, fd uintptr, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), errno
}
