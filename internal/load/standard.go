package load

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"brrtload/scenarios"
)

// standard is the carrier by net/http: for HTTP/2, proxies, and by choice.
type standard struct {
	base      *url.URL
	transport *http.Transport
	since     func() time.Duration
	timeout   time.Duration
	lifetime  time.Duration // of connections, 0 for ever
	steps     *Steps
	network   dialFunc
	trial     trial
	http2     atomic.Bool // the connections speak HTTP/2, as far as is known
	renewal   sync.WaitGroup
	ctx       context.Context // done when the hits are cut
	cancel    context.CancelFunc
	buffers   sync.Pool
}

func newStandard(base *url.URL, o Options, since func() time.Duration) *standard {
	s := &standard{base: base, since: since, timeout: o.Timeout, lifetime: o.Lifetime, steps: o.Steps, network: o.network()}
	s.http2.Store(o.H2C)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.buffers.New = func() any { return new([4 << 10]byte) }
	s.transport = o.roundTripper()
	s.transport.DialContext, s.transport.TLSClientConfig = s.dial, o.tlsConfig(base)
	s.transport.MaxConnsPerHost, s.transport.MaxIdleConnsPerHost = o.Connections, o.Connections
	return s
}

// connect finds out whether the target can be reached at all. net/http makes its connections when they are needed, of which this is the first.
func (s *standard) connect() error {
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	if s.steps != nil {
		ctx = httptrace.WithClientTrace(ctx, s.steps.connecting())
	}
	address := s.base
	if s.transport.Proxy != nil {
		address, _ = s.transport.Proxy(nil) //nolint:errcheck // a fixed proxy has no error
	}
	conn, err := s.network(ctx, "tcp", hostPort(address))
	switch {
	case lacking(err) != NoTrouble:
		return nil // the hits will show it
	case err != nil:
		return unreachable(err)
	}
	s.trial.keep(conn)
	return nil
}

// dial makes a connection for net/http.
func (s *standard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if conn := s.trial.take(); conn != nil {
		return conn, nil
	}
	return s.network(ctx, network, address)
}

func (s *standard) carry(_ int, h scenarios.Hit) Result {
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	var connected, wrote atomic.Bool // a request that has ended may still be told of
	trace := &httptrace.ClientTrace{}
	r := Result{}
	var first atomic.Int64
	if s.steps != nil {
		trace = s.steps.connecting()
		trace.GotFirstResponseByte = func() {
			now := s.since()
			first.Store(int64(now))
			s.steps.record(FirstByte, now-r.Sent)
		}
	}
	trace.GotConn = func(got httptrace.GotConnInfo) {
		connected.Store(true)
		if secure, ok := got.Conn.(*tls.Conn); ok {
			s.http2.Store(secure.ConnectionState().NegotiatedProtocol == "h2")
		}
	}
	trace.WroteHeaders = func() { wrote.Store(true) }
	request := s.request(httptrace.WithClientTrace(ctx, trace), h.Message)
	if !h.Trace.IsZero() {
		request.Header[scenarios.TraceHeader] = []string{h.Trace.String()}
	}
	r.Sent = s.since()
	response, err := s.transport.RoundTrip(request)
	switch {
	case err == nil:
		r.Status, r.BytesOut = response.StatusCode, int64(len(h.Message.Body))
		if leavesHTTP(h.Message.Method, r.Status) {
			response.Body.Close() //nolint:errcheck // it is the connection, which nothing would end
			r.Outcome = Answered
			break
		}
		s.drain(&h, response.Body, &r)
	case wrote.Load():
		r.BytesOut = int64(len(h.Message.Body))
		r.fail(Ambiguous, err)
	default:
		r.fail(NeverReached, err)
		if !connected.Load() && r.Kind != TimedOut && r.Kind != Cancelled {
			r.failDial(NoDial, err)
		}
	}
	switch {
	case r.Kind != NoTrouble && s.ctx.Err() != nil:
		r.Kind = Cancelled
	case r.Kind == TimedOut:
		r.Err = late(s.timeout)
	}
	r.Done = s.since()
	if s.steps != nil && r.Outcome == Answered {
		s.steps.record(Transfer, r.Done-time.Duration(first.Load()))
	}
	return r
}

// request makes net/http's form of a message. Its body is never nil, and can be had twice over HTTP/2 only, which keeps net/http from sending a
// hit again by itself. Over HTTP/2 it does so with what the target has said that it did not process: the streams after a GOAWAY's last one.
func (s *standard) request(ctx context.Context, m *scenarios.Message) *http.Request {
	path, query, _ := strings.Cut(strings.TrimSuffix(s.base.EscapedPath(), "/")+m.Path, "?")
	request := &http.Request{
		Method: m.Method, Host: s.base.Host, ContentLength: int64(len(m.Body)),
		URL: &url.URL{Scheme: s.base.Scheme, Host: s.base.Host, Opaque: path, RawQuery: query,
			ForceQuery: strings.HasSuffix(m.Path, "?")},
		Header: http.Header{"User-Agent": {userAgent}},
	}
	switch {
	case s.transport.Proxy != nil && s.base.Scheme == "http":
		request.URL.Opaque = "//" + s.base.Host + path
	case strings.HasPrefix(path, "//"): // as Opaque it would begin with a host
		request.URL.Opaque, request.URL.RawPath = "", path
		request.URL.Path, _ = url.PathUnescape(path) //nolint:errcheck // what is no encoding is encoded then
	}
	if len(m.Body) > 0 || m.Method == http.MethodGet || m.Method == http.MethodHead {
		body := func() io.ReadCloser { return io.NopCloser(bytes.NewReader(m.Body)) }
		request.Body = body()
		request.GetBody = func() (io.ReadCloser, error) {
			if !s.http2.Load() {
				return nil, errKeptClosed
			}
			return body(), nil
		}
	}
	for _, f := range m.Header {
		switch {
		case strings.EqualFold(f.Name, "Host"):
			request.Host = f.Value
		case strings.EqualFold(f.Name, "User-Agent"):
			request.Header["User-Agent"] = []string{f.Value}
		default:
			request.Header[f.Name] = append(request.Header[f.Name], f.Value)
		}
	}
	shown := slices.ContainsFunc(m.Header, func(f scenarios.Field) bool { return strings.EqualFold(f.Name, "Authorization") })
	if user := authorization(s.base); user != "" && !shown {
		request.Header.Set("Authorization", user)
	}
	return request.WithContext(ctx)
}

// drain reads the body to its end, and keeps its beginning when it was not expected.
func (s *standard) drain(h *scenarios.Hit, body io.ReadCloser, r *Result) {
	buffer := s.buffers.Get().(*[4 << 10]byte)
	defer s.buffers.Put(buffer)
	for {
		n, err := body.Read(buffer[:])
		r.received(h, buffer[:n])
		if err == nil {
			continue
		}
		if errors.Is(err, io.EOF) {
			r.Outcome = Answered
		} else {
			r.fail(Cut, err)
		}
		break
	}
	if err := body.Close(); err != nil && r.Outcome == Answered {
		r.fail(Cut, err)
	}
}

// begin renews connections, each when it is next idle, if they have a lifetime.
func (s *standard) begin() {
	if s.lifetime == 0 {
		return
	}
	s.renewal.Go(func() {
		ticker := time.NewTicker(s.lifetime)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				s.transport.CloseIdleConnections()
			case <-s.ctx.Done():
				return
			}
		}
	})
}

func (s *standard) cut() { s.cancel() }

func (s *standard) close() {
	s.cancel()
	s.renewal.Wait()
	s.trial.close()
	s.transport.CloseIdleConnections()
}
