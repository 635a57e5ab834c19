package http1

import (
	"bufio"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"brrtload/internal/load/dial"
	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// connection is a worker's connection to the target, if there is one now, and what is needed to
// send a hit on it and read the response. One goroutine at a time uses it.
type connection struct {
	*Client
	reader   *bufio.Reader
	response fasthttp.Response
	scratch  []byte
	traced   []byte        // the message with its traceparent
	body     []byte        // as much of the last one as is checked
	socket   *socket       // the connection again, if it is one
	made     time.Duration // when the connection was made
	idle     time.Duration // since when the connection has been idle
	served   bool          // the connection has carried an answer
	expected time.Duration // until an answer comes, by the last ones
	woken    chan struct{} // by the deferred wake-up

	mu      sync.Mutex    // guards what the watch looks at
	conn    net.Conn      // nil when there is none
	expires time.Duration // when the hit under way times out; 0 when there is none
	expired hit.Kind      // why the watch ended the hit, if it did
}

// send carries one hit.
func (c *connection) send(h *scenarios.Hit) hit.Result {
	message := c.wire.bytes(h.Message)
	if !h.Trace.IsZero() {
		c.traced = withTrace(c.traced[:0], message, h.Trace)
		message = c.traced
	}
	if c.conn != nil && c.unusable(c.since()) {
		c.hangUp()
	}
	r := hit.Result{Sent: c.since()}
	if c.conn == nil {
		conn, err := c.open()
		if err != nil {
			r.Done = c.since()
			r.FailDial(c.dialTrouble(err), err)
			return r
		}
		c.attach(conn)
		c.made = r.Sent
	}
	c.begin(r.Sent + c.timeout)
	keep := c.exchange(h, message, &r)
	r.Done = c.arrived(r.Sent)
	c.idle = r.Done
	c.expected = max(r.Done-r.Sent, c.expected-c.expected/8)
	if kind := c.end(); kind != hit.NoTrouble {
		keep = false
		if r.Outcome != hit.Answered {
			r.Kind, r.Err = kind, c.explain(kind, r.Err)
		}
	}
	if !keep {
		c.hangUp()
	}
	if len(h.Request.Checks) > 0 {
		c.check(h, &r)
	}
	return r
}

// keptBody is the largest body, in bytes, whose room is kept for the next one.
const keptBody = 64 << 10

// check looks at the answer, once its time has been taken.
func (c *connection) check(h *scenarios.Hit, r *hit.Result) {
	r.Check(h, func(name string) (string, bool) {
		value := c.response.Header.Peek(name)
		return string(value), value != nil
	}, c.body)
	if c.body = c.body[:0]; cap(c.body) > keptBody {
		c.body = nil
	}
}

// unusable reports whether the connection has been closed by the other side or used for its
// lifetime.
func (c *connection) unusable(now time.Duration) bool {
	return now-c.idle > staleAfter && c.stale() || c.lifetime > 0 && now-c.made > c.lifetime
}

func (c *connection) stale() bool {
	if c.socket != nil {
		return c.socket.stale()
	}
	return dial.ClosedByPeer(c.conn)
}

func (c *connection) attach(conn net.Conn) {
	c.mu.Lock()
	c.conn = conn
	c.mu.Unlock()
	if c.reader == nil {
		c.reader, c.scratch = bufio.NewReaderSize(nil, hit.MaxHeader), make([]byte, 4<<10)
	}
	c.served = false
	c.socket = newSocket(conn)
	if c.socket != nil {
		c.reader.Reset(c.socket)
	} else {
		c.reader.Reset(conn)
	}
}

func (c *connection) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil {
		c.conn.Close() //nolint:errcheck // nothing is left to be lost on it
		c.conn = nil
	}
}

// begin hands the hit to the watch.
func (c *connection) begin(expires time.Duration) {
	c.mu.Lock()
	c.expires, c.expired = expires, hit.NoTrouble
	c.mu.Unlock()
}

// end takes the hit back from the watch. It returns why the watch ended it, if it did.
func (c *connection) end() hit.Kind {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expires = 0
	return c.expired
}

// expire ends the hit under way if it has timed out, or in any case when it is cancelled.
func (c *connection) expire(now time.Duration, cancelled bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.expires == 0 || c.expired != hit.NoTrouble:
		return
	case cancelled:
		c.expired = hit.Cancelled
	case now >= c.expires:
		c.expired = hit.TimedOut
	default:
		return
	}
	c.conn.SetDeadline(time.Unix(1, 0)) //nolint:errcheck // one that takes no deadline is closed already
}
