package load

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"time"

	"brrtload/scenarios"
)

// lanes is the carrier for HTTP/1.1: at most one connection for each worker, made when a hit needs it, and fasthttp to read responses. A
// connection carries one hit at a time, and no hit is sent twice.
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
	trial    trial

	ctx    context.Context // done when the hits are cut
	cancel context.CancelFunc
	watch  sync.WaitGroup
}

// staleAfter is how long a connection may be idle before it is looked at for having been closed meanwhile. The look takes about half a
// microsecond; in a shorter time than this the end of a connection would hardly have come.
const staleAfter = 100 * time.Microsecond

// newLanes makes the carrier and starts its watch; close ends it.
func newLanes(o Options, w *wire, dial func(context.Context) (net.Conn, error), since func() time.Duration, b *bell) *lanes {
	c := &lanes{wire: w, dialTo: dial, since: since, timeout: o.Timeout, lifetime: o.Lifetime, steps: o.Steps, bell: b}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for range o.Connections {
		l := &lane{lanes: c, woken: make(chan struct{}, 1)}
		l.response.StreamBody = true
		l.response.Header.DisableNormalizing() // the names are not looked at
		c.all = append(c.all, l)
	}
	return c
}

// connect makes one connection, which the first hit will use. A connection that carried nothing would be a bad request to some servers, and
// keep others waiting that serve one connection at a time.
func (c *lanes) connect() error {
	conn, err := c.dial()
	switch {
	case lacking(err) != NoTrouble:
		return nil // the hits will show it
	case err != nil:
		return unreachable(err)
	}
	c.trial.keep(conn)
	return nil
}

// connection returns that of the trial if it has not been used, or else a new one.
func (c *lanes) connection() (net.Conn, error) {
	if conn := c.trial.take(); conn != nil {
		return conn, nil
	}
	return c.dial()
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

// explain returns why the watch ended a hit, in words.
func (c *lanes) explain(kind Kind, err error) error {
	if kind == TimedOut {
		return late(c.timeout)
	}
	return err
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
	c.trial.close()
	for _, l := range c.all {
		l.hangUp()
	}
}
