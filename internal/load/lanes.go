package load

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"time"

	"brrtload/scenarios"
)

// lanes is the carrier for HTTP/1.1: a connection for each worker, and fasthttp to read responses. A connection carries one hit at a
// time, and no hit is sent twice.
type lanes struct {
	wire    *wire
	dialTo  func(context.Context) (net.Conn, error)
	since   func() time.Duration
	timeout time.Duration
	// lifetime of a connection, 0 for ever.
	lifetime time.Duration
	steps    *Steps
	bell     *bell
	all      []*lane // one a worker

	ctx    context.Context // done when the hits are cut
	cancel context.CancelFunc
	watch  sync.WaitGroup
}

// staleAfter is how long a connection may be idle before it is looked at for having been closed meanwhile.
const staleAfter = 50 * time.Millisecond

// newLanes makes the carrier and starts its watch; close ends it.
func newLanes(o Options, w *wire, dial func(context.Context) (net.Conn, error), since func() time.Duration, b *bell) *lanes {
	c := &lanes{wire: w, dialTo: dial, since: since, timeout: o.Timeout, lifetime: o.Lifetime, steps: o.Steps, bell: b}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for range o.Connections {
		l := &lane{lanes: c, reader: bufio.NewReaderSize(nil, headerRoom), scratch: make([]byte, 4<<10), woken: make(chan struct{}, 1)}
		l.response.Header.DisableNormalizing() // nobody looks at the names
		c.all = append(c.all, l)
	}
	return c
}

// connect dials every connection before the load begins, if they are to be kept alive. It is an error when not one can be made.
func (c *lanes) connect() error {
	if !c.wire.keepAlive {
		conn, err := c.dial()
		if err != nil {
			return unreachable(err)
		}
		return conn.Close()
	}
	errs := make([]error, len(c.all))
	var dials sync.WaitGroup
	for i, l := range c.all {
		dials.Go(func() {
			var conn net.Conn
			if conn, errs[i] = c.dial(); errs[i] == nil {
				l.attach(conn)
			}
		})
	}
	dials.Wait()
	for _, err := range errs {
		if err == nil {
			return nil
		}
	}
	return unreachable(errs[0])
}

func (c *lanes) dial() (net.Conn, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.timeout)
	defer cancel()
	if c.steps != nil {
		ctx = httptrace.WithClientTrace(ctx, c.steps.connecting())
	}
	return c.dialTo(ctx)
}

func (c *lanes) dialTrouble(err error) Kind {
	switch {
	case c.ctx.Err() != nil:
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return TimedOut
	default:
		return NoDial
	}
}

func (c *lanes) carry(worker int, h scenarios.Hit) Result { return c.all[worker].send(&h) }

// begin starts the watch that ends hits which take too long: one timer for all of them, where a deadline each would cost about a microsecond a hit.
func (c *lanes) begin() {
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

func (c *lanes) expire(cancelled bool) {
	for _, l := range c.all {
		l.expire(c.since(), cancelled)
	}
}

func (c *lanes) cut() {
	c.cancel()
	c.expire(true)
}

func (c *lanes) close() {
	c.cancel()
	c.watch.Wait()
	for _, l := range c.all {
		l.hangUp()
	}
}
