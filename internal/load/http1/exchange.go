package http1

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"time"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// exchange writes the message and reads the response. It reports whether the connection can be used
// again.
func (c *connection) exchange(h *scenarios.Hit, message []byte, r *hit.Result) (keep bool) {
	written, writeErr := c.write(message, r.Sent)
	if writeErr != nil && written == 0 {
		r.Fail(hit.NeverReached, writeErr)
		return false
	}
	r.BytesOut = int64(len(h.Message.Body))
	if _, err := c.reader.Peek(1); err != nil {
		if c.served && writeErr == nil && hit.Trouble(err) == hit.Closed {
			err = hit.ErrKeptClosed
		}
		r.Fail(hit.Ambiguous, cmp.Or(writeErr, err))
		return false
	}
	first := c.firstByte(r.Sent)
	response := &c.response
	response.ResetBody()
	head, err := readHead(c.reader, &response.Header)
	if err != nil {
		r.Fail(hit.Ambiguous, err)
		return false
	}
	r.Status = response.StatusCode()
	keep = writeErr == nil && c.wire.keepAlive
	switch {
	case hit.LeavesHTTP(h.Message.Method, r.Status):
		keep = false
	case bodyless(h.Message.Method, r.Status):
		keep = keep && !closes(head)
	default:
		keep = keep && !response.ConnectionClose()
		err = response.ReadBody(c.reader, 0)
		if err == nil {
			err = c.drain(h, r)
		}
	}
	if err != nil {
		r.Fail(hit.Cut, err)
		return false
	}
	c.transferred(first)
	r.Outcome, c.served = hit.Answered, true
	return keep && c.reader.Buffered() == 0 // what comes after an answer belongs to none
}

// bodyless reports whether the answer to a method has no body whatever its header says.
func bodyless(method string, status int) bool {
	return method == http.MethodHead || status < 200 ||
		status == http.StatusNoContent || status == http.StatusNotModified
}

// firstByte counts the step until the first byte of an answer, if steps are recorded. It reads no
// clock otherwise.
func (c *connection) firstByte(sent time.Duration) (now time.Duration) {
	if c.record != nil {
		now = c.since()
		c.record(hit.FirstByte, now-sent)
	}
	return now
}

// transferred counts the step from the first byte to the last, if steps are recorded.
func (c *connection) transferred(first time.Duration) {
	if c.record != nil {
		c.record(hit.Transfer, c.since()-first)
	}
}

// write returns when the message is sent and, where that can be known, something of the answer has
// come or may have.
func (c *connection) write(message []byte, sent time.Duration) (int, error) {
	if c.socket == nil {
		return c.conn.Write(message)
	}
	soon := c.record == nil && 0 < c.expected && c.expected <= maxDeferral
	deferred := soon && c.wakeUps.soon() && c.socket.raiseLowWater()
	if !deferred {
		c.socket.resetLowWater()
	}
	n, err := c.socket.send(c.conn, message, !deferred)
	if deferred && err == nil {
		c.wakeUps.await(c.woken, sent+c.expected)
	}
	return n, err
}

// arrived returns when the last byte that was read had come: by the kernel, if it says so and not
// before the hit was sent.
func (c *connection) arrived(sent time.Duration) time.Duration {
	now := c.since()
	if c.socket == nil {
		return now
	}
	return max(now-c.socket.age(), sent)
}

// drain reads the body to its end, and keeps its beginning when it was not expected.
func (c *connection) drain(h *scenarios.Hit, r *hit.Result) error {
	body := c.response.BodyStream()
	if body == nil {
		return nil
	}
	for {
		n, err := body.Read(c.scratch)
		r.Received(h, c.scratch[:n])
		if h.Request.ReadsBody() {
			c.body = hit.Keep(c.body, c.scratch[:n])
		}
		if err != nil {
			closed := c.response.CloseBodyStream()
			if errors.Is(err, io.EOF) {
				return closed
			}
			return err
		}
	}
}
