// Package http1 is brrtload's own engine for HTTP/1.1, with and without TLS. It allocates nothing
// for a hit.
//
// In goes a hit and the number of the worker that sends it; out comes a [hit.Result]. The package
// writes requests, keeps the connections and works on their sockets; fasthttp parses the responses.
// The workers are goroutines of package load, which calls [Client.Send].
package http1

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"time"

	"brrtload/internal/load/dial"
	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// Client sends hits to one target: at most one connection for each worker, made when a hit needs
// it. A connection carries one hit at a time, and no hit is sent twice.
type Client struct {
	wire        *wire
	dialTo      func(context.Context) (net.Conn, error)
	since       func() time.Duration // the load's start
	timeout     time.Duration
	lifetime    time.Duration // of a connection; 0 is unlimited
	record      hit.Record    // of steps, if not nil
	wakeUps     *WakeUps
	connections []*connection // one a worker
	probe       dial.Probe

	ctx    context.Context // done when the hits are cut
	cancel context.CancelFunc
	watch  sync.WaitGroup
}

// staleAfter is how long a connection may be idle before it is checked for having been closed
// meanwhile. The check takes one to two microseconds; in a shorter time than this the end of a
// connection would hardly have come.
const staleAfter = 100 * time.Microsecond

// New makes a client of the target for the plan's messages. Times of results are since's.
func New(t dial.Target, p *scenarios.Plan, since func() time.Duration, w *WakeUps) *Client {
	c := &Client{wire: newWire(t.Base, !t.NoKeepAlive, p), dialTo: t.HTTP1(), since: since,
		timeout: t.Timeout, lifetime: t.Lifetime, record: t.Record, wakeUps: w}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for range t.Connections {
		conn := &connection{Client: c, woken: make(chan struct{}, 1)}
		conn.response.StreamBody = true
		conn.response.Header.DisableNormalizing() // the names are not looked at
		c.connections = append(c.connections, conn)
	}
	return c
}

// Connect makes one connection, which the first hit uses. It fails when the target cannot be
// reached.
func (c *Client) Connect() error {
	return c.probe.Make(c.dial)
}

// open returns that of the probe if it has not been used, or else a new one.
func (c *Client) open() (net.Conn, error) {
	if conn := c.probe.Take(); conn != nil {
		return conn, nil
	}
	return c.dial()
}

func (c *Client) dial() (net.Conn, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.timeout)
	defer cancel()
	if c.record != nil {
		ctx = httptrace.WithClientTrace(ctx, c.record.Connecting())
	}
	return c.dialTo(ctx)
}

func (c *Client) dialTrouble(err error) hit.Kind {
	switch {
	case c.ctx.Err() != nil:
		return hit.Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return hit.TimedOut
	default:
		return hit.NoDial
	}
}

// explain returns why the watch ended a hit, in words.
func (c *Client) explain(kind hit.Kind, err error) error {
	if kind == hit.TimedOut {
		return hit.Late(c.timeout)
	}
	return err
}

// Send sends a hit that has a message, for the worker of that number, and returns what came of it.
// Two calls for one worker must not overlap.
func (c *Client) Send(worker int, h scenarios.Hit) hit.Result { return c.connections[worker].send(&h) }

// Begin starts the watch that ends hits which take too long: one timer for all of them, where a
// deadline each would cost about a microsecond a hit. Close ends it.
func (c *Client) Begin() {
	c.watch.Go(func() {
		ticker := time.NewTicker(min(max(c.timeout/50, time.Millisecond), 50*time.Millisecond))
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				c.expire(false)
			case <-c.ctx.Done():
				return
			}
		}
	})
}

func (c *Client) expire(cancelled bool) {
	for _, conn := range c.connections {
		conn.expire(c.since(), cancelled)
	}
}

// Cut ends what is in flight, and every hit after, at once.
func (c *Client) Cut() {
	c.cancel()
	c.expire(true)
}

// Close ends the connections.
func (c *Client) Close() {
	c.cancel()
	c.watch.Wait()
	c.probe.Close()
	for _, conn := range c.connections {
		conn.hangUp()
	}
}
