//go:build !linux

package load

import (
	"io"
	"net"
)

// socket is known on Linux only; elsewhere the connection itself reads and writes.
type socket struct{ io.Reader }

func newSocket(net.Conn) *socket { return nil }

func (s *socket) send(conn io.Writer, message []byte) (int, error) { return conn.Write(message) }
