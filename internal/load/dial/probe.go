package dial

import (
	"fmt"
	"net"
	"sync"

	"brrtload/internal/load/hit"
)

// Probe is the connection by which it was found out that the target can be reached. It is kept
// until a hit uses it: one that carried nothing would be a bad request to some servers, and would
// keep others busy that serve one connection at a time. The zero value has none.
type Probe struct {
	mu   sync.Mutex
	conn net.Conn
}

// Make makes the connection. It is no error when the generator lacks the means: the hits will show
// it.
func (p *Probe) Make(dial func() (net.Conn, error)) error {
	conn, err := dial()
	switch {
	case hit.Lacking(err) != hit.NoTrouble:
		return nil
	case err != nil:
		return fmt.Errorf("connect to the target: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conn = conn
	return nil
}

// Take returns the connection once. It returns nil when it is gone or was closed by the other side.
func (p *Probe) Take() net.Conn {
	p.mu.Lock()
	conn := p.conn
	p.conn = nil
	p.mu.Unlock()
	if conn == nil || !ClosedByPeer(conn) {
		return conn
	}
	conn.Close() //nolint:errcheck // nothing was sent on it
	return nil
}

// Close ends the connection if no hit has used it.
func (p *Probe) Close() {
	if conn := p.Take(); conn != nil {
		conn.Close() //nolint:errcheck // nothing was sent on it
	}
}
