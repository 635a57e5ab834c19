package load

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"brrtload/scenarios"
)

// lane is one connection at most, and what is needed to send a hit on it and read the response. One goroutine at a time uses it.
type lane struct {
	*lanes
	reader   *bufio.Reader
	response fasthttp.Response
	scratch  []byte
	traced   []byte        // the message with its traceparent
	socket   *socket       // the connection again, if it is one
	made     time.Duration // when the connection was made
	idle     time.Duration // since when the connection has been idle
	served   bool          // the connection has carried an answer
	expected time.Duration // until an answer comes, by the last ones
	woken    chan struct{} // by the bell

	mu      sync.Mutex // guards what the watch looks at
	conn    net.Conn
	expires time.Duration // when the hit under way times out; 0 when there is none
	expired Kind          // why the watch ended the hit, if it did
}

// send carries one hit.
func (l *lane) send(h *scenarios.Hit) Result {
	message := l.wire.bytes(h.Message)
	if !h.Trace.IsZero() {
		l.traced = withTrace(l.traced[:0], message, h.Trace)
		message = l.traced
	}
	if l.conn != nil && l.worn(l.since()) {
		l.hangUp()
	}
	r := Result{Sent: l.since()}
	if l.conn == nil {
		conn, err := l.connection()
		if err != nil {
			r.Done = l.since()
			r.failDial(l.dialTrouble(err), err)
			return r
		}
		l.attach(conn)
		l.made = r.Sent
	}
	l.begin(r.Sent + l.timeout)
	keep := l.exchange(h, message, &r)
	r.Done = l.arrived(r.Sent)
	l.idle = r.Done
	l.expected = max(r.Done-r.Sent, l.expected-l.expected/8)
	if kind := l.end(); kind != NoTrouble {
		keep = false
		if r.Outcome != Answered {
			r.Kind, r.Err = kind, l.explain(kind, r.Err)
		}
	}
	if !keep {
		l.hangUp()
	}
	return r
}

// worn reports whether the connection has been closed by the other side or used for its lifetime.
func (l *lane) worn(now time.Duration) bool {
	return now-l.idle > staleAfter && l.stale() || l.lifetime > 0 && now-l.made > l.lifetime
}

func (l *lane) stale() bool {
	if l.socket != nil {
		return l.socket.stale()
	}
	return closedByPeer(l.conn)
}

// exchange writes the message, reads the response, and tells whether the connection can be used again.
func (l *lane) exchange(h *scenarios.Hit, message []byte, r *Result) (keep bool) {
	written, writeErr := l.write(message, r.Sent)
	if writeErr != nil && written == 0 {
		r.fail(NeverReached, writeErr)
		return false
	}
	r.BytesOut = int64(len(h.Message.Body))
	if _, err := l.reader.Peek(1); err != nil {
		if l.served && writeErr == nil && trouble(err) == Closed {
			err = errKeptClosed
		}
		r.fail(Ambiguous, cmp.Or(writeErr, err))
		return false
	}
	first := l.firstByte(r.Sent)
	response := &l.response
	response.ResetBody()
	head, err := readHead(l.reader, &response.Header)
	if err != nil {
		r.fail(Ambiguous, err)
		return false
	}
	r.Status = response.StatusCode()
	keep = writeErr == nil && l.wire.keepAlive
	switch {
	case leavesHTTP(h.Message.Method, r.Status):
		keep = false
	case bodyless(h.Message.Method, r.Status):
		keep = keep && !closes(head)
	default:
		keep = keep && !response.ConnectionClose()
		err = response.ReadBody(l.reader, 0)
		if err == nil {
			err = l.drain(h, r)
		}
	}
	if err != nil {
		r.fail(Cut, err)
		return false
	}
	l.transferred(first)
	r.Outcome, l.served = Answered, true
	return keep && l.reader.Buffered() == 0 // what comes after an answer belongs to none
}

// errKeptClosed is what becomes of a hit that meets the end of a connection which had served before. The hit is not sent again: the target may
// have taken it.
var errKeptClosed = fmt.Errorf("the target closed a kept connection without a byte of an answer; "+
	"it may close idle connections early: try keep_alive: false or a lifetime: %w", io.EOF)

// bodyless reports whether the answer to a method has no body whatever its header says.
func bodyless(method string, status int) bool {
	return method == http.MethodHead || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}

// leavesHTTP reports whether the connection is no longer one for HTTP after an answer to a method: it ends with the header.
func leavesHTTP(method string, status int) bool {
	return status == http.StatusSwitchingProtocols || method == http.MethodConnect && status/100 == 2
}

// firstByte and transferred count the two steps of an answer, when somebody wants to know. Neither reads a clock otherwise.
func (l *lane) firstByte(sent time.Duration) (now time.Duration) {
	if l.steps != nil {
		now = l.since()
		l.steps.record(FirstByte, now-sent)
	}
	return now
}

func (l *lane) transferred(first time.Duration) {
	if l.steps != nil {
		l.steps.record(Transfer, l.since()-first)
	}
}

// write returns when the message is sent and, where that can be told, something of the answer has come or may have.
func (l *lane) write(message []byte, sent time.Duration) (int, error) {
	if l.socket == nil {
		return l.conn.Write(message)
	}
	waits := l.steps == nil && 0 < l.expected && l.expected <= patience && l.bell.soon() && l.socket.hush()
	if !waits {
		l.socket.unhush()
	}
	n, err := l.socket.send(l.conn, message, !waits)
	if waits && err == nil {
		l.bell.await(l.woken, sent+l.expected)
	}
	return n, err
}

// arrived gives when the last byte that was read had come: by the kernel, if it says so and not before the hit was sent.
func (l *lane) arrived(sent time.Duration) time.Duration {
	now := l.since()
	if l.socket == nil {
		return now
	}
	return max(now-l.socket.age(), sent)
}

// drain reads the body to its end, and keeps its beginning when it was not expected.
func (l *lane) drain(h *scenarios.Hit, r *Result) error {
	body := l.response.BodyStream()
	if body == nil {
		return nil
	}
	for {
		n, err := body.Read(l.scratch)
		r.received(h, l.scratch[:n])
		if err != nil {
			closed := l.response.CloseBodyStream()
			if errors.Is(err, io.EOF) {
				return closed
			}
			return err
		}
	}
}

func (l *lane) attach(conn net.Conn) {
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
	if l.reader == nil {
		l.reader, l.scratch = bufio.NewReaderSize(nil, headerRoom), make([]byte, 4<<10)
	}
	l.served = false
	l.socket = newSocket(conn)
	if l.socket != nil {
		l.reader.Reset(l.socket)
	} else {
		l.reader.Reset(conn)
	}
}

func (l *lane) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.conn.Close() //nolint:errcheck // nothing is left to be lost on it
		l.conn = nil
	}
}

// begin hands the hit to the watch, end takes it back and tells whether the watch ended it.
func (l *lane) begin(expires time.Duration) {
	l.mu.Lock()
	l.expires, l.expired = expires, NoTrouble
	l.mu.Unlock()
}

func (l *lane) end() Kind {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expires = 0
	return l.expired
}

// expire ends the hit under way if it has timed out, or in any case when it is cancelled.
func (l *lane) expire(now time.Duration, cancelled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.expires == 0 || l.expired != NoTrouble:
		return
	case cancelled:
		l.expired = Cancelled
	case now >= l.expires:
		l.expired = TimedOut
	default:
		return
	}
	l.conn.SetDeadline(time.Unix(1, 0)) //nolint:errcheck // a connection that takes no deadline is closed already
}
