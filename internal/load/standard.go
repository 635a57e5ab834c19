package load

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
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
	renewal   sync.WaitGroup
	ctx       context.Context // done when the hits are cut
	cancel    context.CancelFunc
	buffers   sync.Pool
}

func newStandard(base *url.URL, o Options, since func() time.Duration) *standard {
	s := &standard{base: base, since: since, timeout: o.Timeout, lifetime: o.Lifetime, steps: o.Steps}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.buffers.New = func() any { return new([4 << 10]byte) }
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!o.H2C)
	protocols.SetHTTP2(o.HTTP2)
	protocols.SetUnencryptedHTTP2(o.H2C)
	s.transport = &http.Transport{
		DialContext: o.network(), TLSClientConfig: o.tlsConfig(base), Protocols: protocols,
		MaxConnsPerHost: o.Connections, MaxIdleConnsPerHost: o.Connections,
		DisableKeepAlives: o.NoKeepAlive, DisableCompression: true, MaxResponseHeaderBytes: headerRoom,
	}
	if o.Proxy != nil {
		s.transport.Proxy = http.ProxyURL(o.Proxy)
	}
	return s
}

// connect finds out whether the target can be reached at all. net/http makes its own connections, each when it is needed.
func (s *standard) connect() error {
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	address := s.base
	if s.transport.Proxy != nil {
		address, _ = s.transport.Proxy(nil) //nolint:errcheck // a fixed proxy has no error
	}
	conn, err := s.transport.DialContext(ctx, "tcp", hostPort(address))
	if err != nil {
		return unreachable(err)
	}
	return conn.Close()
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
	trace.GotConn = func(httptrace.GotConnInfo) { connected.Store(true) }
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
		s.drain(&h, response.Body, &r)
	case wrote.Load():
		r.BytesOut = int64(len(h.Message.Body))
		r.fail(Ambiguous, err)
	default:
		r.fail(NeverReached, err)
		if !connected.Load() && r.Kind != TimedOut && r.Kind != Cancelled {
			r.Kind = NoDial
		}
	}
	if r.Kind != NoTrouble && s.ctx.Err() != nil {
		r.Kind = Cancelled
	}
	r.Done = s.since()
	if s.steps != nil && r.Outcome == Answered {
		s.steps.record(Transfer, r.Done-time.Duration(first.Load()))
	}
	return r
}

// request makes net/http's form of a message. Its body is never nil and cannot be had twice, which keeps net/http from
// sending a hit again by itself.
func (s *standard) request(ctx context.Context, m *scenarios.Message) *http.Request {
	path, query, _ := strings.Cut(strings.TrimSuffix(s.base.EscapedPath(), "/")+m.Path, "?")
	request := &http.Request{
		Method: m.Method, Host: s.base.Host, ContentLength: int64(len(m.Body)),
		URL: &url.URL{Scheme: s.base.Scheme, Host: s.base.Host, Opaque: path, RawQuery: query,
			ForceQuery: strings.HasSuffix(m.Path, "?")},
		Header: http.Header{"User-Agent": {userAgent}},
	}
	if s.transport.Proxy != nil && s.base.Scheme == "http" {
		request.URL.Opaque = "//" + s.base.Host + path
	}
	if len(m.Body) > 0 || m.Method == http.MethodGet || m.Method == http.MethodHead {
		request.Body = io.NopCloser(bytes.NewReader(m.Body))
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
	s.transport.CloseIdleConnections()
}
