//go:build !unix

package load

import (
	"io"
	"net"
)

// socket is not known here.
type socket struct{}

func newSocket(net.Conn) *socket { return nil }

func (s *socket) send(conn io.Writer, message []byte) (int, error) { return conn.Write(message) }
