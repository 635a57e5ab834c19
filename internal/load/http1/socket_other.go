//go:build !linux

package http1

import (
	"io"
	"net"
	"time"
)

// socket is known on Linux only; elsewhere the connection itself reads and writes.
type socket struct{ io.Reader }

func newSocket(net.Conn) *socket { return nil }

func (s *socket) send(conn io.Writer, message []byte, _ bool) (int, error) {
	return conn.Write(message)
}

func (s *socket) raiseLowWater() bool { return false }

func (s *socket) resetLowWater() {}

func (s *socket) age() time.Duration { return 0 }

func (s *socket) stale() bool { return false }
