package load

import (
	"net"
	"sync"
)

// trial keeps the connection by which it was found out that the target can be reached, until a hit uses it. The zero value has none.
type trial struct {
	mu   sync.Mutex
	conn net.Conn
}

func (t *trial) keep(conn net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conn = conn
}

// take returns the connection once; nil when it is gone, or was closed by the other side.
func (t *trial) take() net.Conn {
	t.mu.Lock()
	conn := t.conn
	t.conn = nil
	t.mu.Unlock()
	if conn == nil || !closedByPeer(conn) {
		return conn
	}
	conn.Close() //nolint:errcheck // nothing was sent on it
	return nil
}

func (t *trial) close() {
	if conn := t.take(); conn != nil {
		conn.Close() //nolint:errcheck // nothing was sent on it
	}
}
