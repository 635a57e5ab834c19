package vegeta

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"brrtload/internal/load/dial"
	"brrtload/internal/load/hit"
)

// Client sends the hits of an attack to one target, by net/http's transport.
type Client struct {
	base      *url.URL
	transport *http.Transport
	since     func() time.Duration // the load's start
	timeout   time.Duration
	lifetime  time.Duration // of connections; 0 is unlimited
	record    hit.Record    // of steps, if not nil
	network   dial.Func
	probe     dial.Probe
	http2     atomic.Bool // connections use HTTP/2, as far as is known
	renewal   sync.WaitGroup
	ctx       context.Context // done when the hits are cut
	cancel    context.CancelFunc
}

// New makes a client of the target. Steps are measured by since.
func New(t dial.Target, since func() time.Duration) *Client {
	c := &Client{base: t.Base, transport: t.Transport(), since: since,
		timeout: t.Timeout, lifetime: t.Lifetime, record: t.Record, network: t.Network()}
	c.http2.Store(t.H2C)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.transport.DialContext, c.transport.TLSClientConfig = c.dial, t.TLSConfig()
	c.transport.MaxConnsPerHost, c.transport.MaxIdleConnsPerHost = t.Connections, t.Connections
	return c
}

// Connect finds out whether the target can be reached at all. net/http makes its connections when
// they are needed; this is the first of them.
func (c *Client) Connect() error {
	ctx, cancel := context.WithTimeout(c.ctx, c.timeout)
	defer cancel()
	if c.record != nil {
		ctx = httptrace.WithClientTrace(ctx, c.record.Connecting())
	}
	address := c.base
	if c.transport.Proxy != nil {
		address, _ = c.transport.Proxy(nil) //nolint:errcheck // a fixed proxy has no error
	}
	return c.probe.Make(func() (net.Conn, error) { return c.network(ctx, "tcp", dial.HostPort(address)) })
}

// dial makes a connection for net/http.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if conn := c.probe.Take(); conn != nil {
		return conn, nil
	}
	return c.network(ctx, network, address)
}

// send sends a hit and returns its response, whose body ends with the hit's time.
func (c *Client) send(f *flight) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.timeout)
	response, err := c.transport.RoundTrip(f.request.WithContext(httptrace.WithClientTrace(ctx, c.trace(f))))
	if err != nil {
		cancel()
		return nil, err
	}
	f.status = response.StatusCode
	if hit.LeavesHTTP(f.request.Method, f.status) {
		response.Body.Close() //nolint:errcheck // it is the connection, which nothing else would end
		response.Body = http.NoBody
		cancel()
	}
	response.Body = &body{ReadCloser: response.Body, flight: f, cancel: cancel}
	return response, nil
}

// trace returns the hooks that see how far a hit gets. net/http may call them after the hit has
// ended.
func (c *Client) trace(f *flight) *httptrace.ClientTrace {
	trace := &httptrace.ClientTrace{}
	if c.record != nil {
		sent := c.since()
		trace = c.record.Connecting()
		trace.GotFirstResponseByte = func() {
			now := c.since()
			f.first.Store(int64(now))
			c.record(hit.FirstByte, now-sent)
		}
	}
	trace.GotConn = func(got httptrace.GotConnInfo) {
		f.connected.Store(true)
		if secure, ok := got.Conn.(*tls.Conn); ok {
			c.http2.Store(secure.ConnectionState().NegotiatedProtocol == "h2")
		}
	}
	trace.WroteHeaders = func() { f.wrote.Store(true) }
	return trace
}

// body is a response's body. It notes what vegeta's Result leaves out.
type body struct {
	io.ReadCloser
	flight *flight
	cancel context.CancelFunc // of the hit's time
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.flight.read += int64(n)
	if b.flight.hit.Request.ReadsBody() {
		b.flight.body = hit.Keep(b.flight.body, p[:n])
	}
	if err != nil && err != io.EOF {
		b.flight.err = err
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// Begin renews connections, each when it is next idle, if they have a lifetime.
func (c *Client) Begin() {
	if c.lifetime == 0 {
		return
	}
	c.renewal.Go(func() {
		ticker := time.NewTicker(c.lifetime)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				c.transport.CloseIdleConnections()
			case <-c.ctx.Done():
				return
			}
		}
	})
}

// Cut ends what is in flight, and every hit after, at once.
func (c *Client) Cut() { c.cancel() }

// Close ends the connections.
func (c *Client) Close() {
	c.cancel()
	c.renewal.Wait()
	c.probe.Close()
	c.transport.CloseIdleConnections()
}
