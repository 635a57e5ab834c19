//go:build unix

package dial

import (
	"net"
	"syscall"
)

// ClosedByPeer reports whether the other side has closed an idle connection, or sent what was not
// asked for. It does not wait.
func ClosedByPeer(conn net.Conn) bool {
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = wrapped.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true
	}
	var received error
	var one [1]byte
	err = raw.Read(func(fd uintptr) bool {
		_, _, received = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	return err != nil || received != syscall.EAGAIN
}
