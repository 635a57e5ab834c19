//go:build unix

package load

import (
	"io"
	"net"
	"syscall"
)

// socket writes a message and waits for the answer in one go. Written through net.Conn, each hit costs a read that finds nothing
// before the one that finds the answer; here the write happens where the runtime would first try to read.
type socket struct {
	raw     syscall.RawConn
	message []byte
	written int
	err     error
	tried   bool
	turn    func(fd uintptr) bool
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
	s.turn = s.writeOrReady
	return s
}

// ask writes as much of the message as the socket takes at once, and when that is all of it waits until there is
// something to read. The error is of the writing, or says that the wait was ended.
func (s *socket) ask(message []byte) (written int, err error) {
	s.message, s.written, s.err, s.tried = message, 0, nil, false
	err = s.raw.Read(s.turn)
	if s.err != nil {
		err = s.err
	}
	return s.written, err
}

func (s *socket) writeOrReady(fd uintptr) bool {
	if s.tried {
		return true
	}
	s.tried = true
	n, err := syscall.Write(int(fd), s.message)
	switch {
	case err == syscall.EAGAIN || err == syscall.EINTR:
		return true
	case err != nil:
		s.err = err
		return true
	}
	s.written = n
	return n < len(s.message)
}

// send writes the message to its end.
func (s *socket) send(conn io.Writer, message []byte) (int, error) {
	n, err := s.ask(message)
	if err != nil || n == len(message) {
		return n, err
	}
	rest, err := conn.Write(message[n:])
	return n + rest, err
}
