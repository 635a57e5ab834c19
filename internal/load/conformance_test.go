package load

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
	"brrtload/internal/load/http1"
	"brrtload/scenarios"
)

// scripted is a server that reads requests as bytes and answers with bytes, so that nothing tidies
// up either side.
type scripted struct {
	net.Listener
	answer   func(c net.Conn, r *http.Request) (keep bool)
	mu       sync.Mutex
	lines    []string // request lines as they came
	dials    int      // connections that something came on
	accepted int
	serving  sync.WaitGroup
}

// serveScript serves until the test ends. With a TLS configuration it serves TLS.
func serveScript(t *testing.T, secure *tls.Config, answer func(c net.Conn, r *http.Request) bool) *scripted {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	s := &scripted{Listener: listener, answer: answer}
	s.serving.Go(func() {
		for {
			c, err := s.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.accepted++
			s.mu.Unlock()
			s.serving.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() {
		assert.NoError(t, s.Close())
		s.serving.Wait()
	})
	return s
}

func (s *scripted) serve(c net.Conn) {
	defer c.Close()
	reader := bufio.NewReader(c)
	for first := true; ; first = false {
		start, err := reader.Peek(1)
		if err != nil || len(start) == 0 {
			return
		}
		head, _ := reader.Peek(reader.Buffered())
		line, _, _ := strings.Cut(string(head), "\r\n")
		r, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.lines = append(s.lines, line)
		if first {
			s.dials++
		}
		s.mu.Unlock()
		if !s.answer(c, r) {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
	}
}

// say answers with bytes.
func say(text string) func(net.Conn, *http.Request) bool {
	return func(c net.Conn, _ *http.Request) bool {
		_, err := io.WriteString(c, text)
		return err == nil
	}
}

// then closes the connection after an answer; reset does so with an RST.
func then(answer func(net.Conn, *http.Request) bool) func(net.Conn, *http.Request) bool {
	return func(c net.Conn, r *http.Request) bool { answer(c, r); return false }
}

func reset(answer func(net.Conn, *http.Request) bool) func(net.Conn, *http.Request) bool {
	return func(c net.Conn, r *http.Request) bool {
		answer(c, r)
		time.Sleep(10 * time.Millisecond) // so that the answer is read before the reset discards it
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		return false
	}
}

// hang answers and then says nothing until the client gives up.
func hang(answer func(net.Conn, *http.Request) bool) func(net.Conn, *http.Request) bool {
	return func(c net.Conn, r *http.Request) bool {
		answer(c, r)
		_, _ = c.Read(make([]byte, 1))
		return false
	}
}

// conformance is what HTTP/1.1 asks of a client, and what we ask of a Result. Each row is sent
// twice in a row.
var conformance = []struct {
	name    string
	request string // YAML fields
	answer  func(net.Conn, *http.Request) bool
	want    hit.Result
	dials   int
	line    string // request line, when it matters
}{
	{"keep-alive", "get: /", say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), hit.Result{Status: 200, BytesIn: 5}, 1, "GET / HTTP/1.1"},
	{"connection: close", "get: /", then(say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")), hit.Result{Status: 200, BytesIn: 5}, 2, ""},
	{"HTTP/1.0", "get: /", then(say("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")), hit.Result{Status: 200, BytesIn: 5}, 2, ""},
	{"a body until the end of the connection", "get: /", then(say("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")), hit.Result{Status: 200, BytesIn: 5}, 2, ""},
	{"no reason phrase", "get: /", say("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"), hit.Result{Status: 200}, 1, ""},
	{"header names in any case", "get: /", say("HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh: 5\r\n\r\nhello"), hit.Result{Status: 200, BytesIn: 5}, 1, ""},
	{"chunked", "get: /", say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"), hit.Result{Status: 200, BytesIn: 11}, 1, ""},
	{"chunked with trailers", "get: /", say("HTTP/1.1 200 OK\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-A: b\r\n\r\n"), hit.Result{Status: 200, BytesIn: 5}, 1, ""},
	{"an empty chunked body", "get: /", say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), hit.Result{Status: 200}, 1, ""},
	{"HEAD", "head: /", say("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), hit.Result{Status: 200}, 1, "HEAD / HTTP/1.1"},
	{"HEAD of what is chunked", "head: /", say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), hit.Result{Status: 200}, 1, ""},
	{"204", "get: /", say("HTTP/1.1 204 No Content\r\n\r\n"), hit.Result{Status: 204}, 1, ""},
	{"304 that tells a length", "get: /", say("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"), hit.Result{Status: 304}, 1, ""},
	{"1xx first", "get: /", say("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), hit.Result{Status: 200, BytesIn: 5}, 1, ""},
	{"a redirect is an answer", "get: /", say("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"), hit.Result{Status: 302}, 1, "GET / HTTP/1.1"},
	{"an error is an answer", "get: /", say("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"), hit.Result{Status: 503, BytesIn: 4, Excerpt: "busy"}, 1, ""},
	{"compressed bodies stay so", "get: /", say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"), hit.Result{Status: 200, BytesIn: 5}, 1, ""},
	{"a path as written", `get: "/a%2Fb/../c//d;e?x=%20&y=+&z"`, say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), hit.Result{Status: 200}, 1, "GET /a%2Fb/../c//d;e?x=%20&y=+&z HTTP/1.1"},
	{"a path ending in ?", `get: "/a?"`, say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), hit.Result{Status: 200}, 1, "GET /a? HTTP/1.1"},
	{"a method of one's own", "{method: PURGE, path: /}", say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), hit.Result{Status: 200}, 1, "PURGE / HTTP/1.1"},
	{"a body", "{post: /, body: hello}", echoLength, hit.Result{Status: 200, BytesOut: 5, BytesIn: 1}, 1, ""},
	{"an empty POST", "{post: /}", echoLength, hit.Result{Status: 200, BytesIn: 1}, 1, ""},
	{"DELETE with a body", "{delete: /, body: hello}", echoLength, hit.Result{Status: 200, BytesOut: 5, BytesIn: 1}, 1, ""},
	{"many headers", "get: /", say("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Many: some value\r\n", 900) + "Content-Length: 5\r\n\r\nhello"), hit.Result{Status: 200, BytesIn: 5}, 1, ""},
	{"a large header", "get: /", say("HTTP/1.1 200 OK\r\nX-Large: " + strings.Repeat("x", 50_000) + "\r\nContent-Length: 5\r\n\r\nhello"), hit.Result{Status: 200, BytesIn: 5}, 1, ""},
	{"too large a header", "get: /", then(say("HTTP/1.1 200 OK\r\nX-Large: " + strings.Repeat("x", 200_000) + "\r\nContent-Length: 5\r\n\r\nhello")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Malformed}, 2, ""},
	{"a large body", "get: /", say("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + strings.Repeat("x", 3_000_000)), hit.Result{Status: 200, BytesIn: 3_000_000}, 1, ""},
	{"a slow body", "get: /", slowly("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), hit.Result{Status: 200, BytesIn: 5}, 1, ""},
	{"slow chunks", "get: /", slowly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n0\r\n\r\n"), hit.Result{Status: 200, BytesIn: 1}, 1, ""},
	{"closed before a status", "get: /", then(say("")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Closed}, 2, ""},
	{"closed within the header", "get: /", then(say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Closed}, 2, ""},
	{"closed after a 1xx", "get: /", then(say("HTTP/1.1 103 Early Hints\r\n\r\n")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Closed}, 2, ""},
	{"reset before a status", "get: /", reset(say("")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Reset}, 2, ""},
	{"a body cut short", "get: /", then(say("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")), hit.Result{Status: 200, Outcome: hit.Cut, Kind: hit.Closed, BytesIn: 5}, 2, ""},
	{"a chunked body cut short", "get: /", then(say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")), hit.Result{Status: 200, Outcome: hit.Cut, Kind: hit.Closed, BytesIn: 5}, 2, ""},
	{"a body cut by a reset", "get: /", reset(say("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")), hit.Result{Status: 200, Outcome: hit.Cut, Kind: hit.Reset, BytesIn: 5}, 2, ""},
	{"a chunk size that is none", "get: /", then(say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")), hit.Result{Status: 200, Outcome: hit.Cut, Kind: hit.Malformed}, 2, ""},
	{"not HTTP", "get: /", then(say("SSH-2.0-OpenSSH_9.2\r\n\r\n")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Malformed}, 2, ""},
	{"a status that is no number", "get: /", then(say("HTTP/1.1 abc OK\r\n\r\n")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Malformed}, 2, ""},
	{"a length that is no number", "get: /", then(say("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Malformed}, 2, ""},
	{"two lengths", "get: /", then(say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Malformed}, 2, ""},
	{"no answer", "get: /", hang(say("")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.TimedOut}, 2, ""},
	{"an answer that stops in the header", "get: /", hang(say("HTTP/1.1 200 OK\r\nContent-")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.TimedOut}, 2, ""},
	{"an answer that stops in the body", "get: /", hang(say("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")), hit.Result{Status: 200, Outcome: hit.Cut, Kind: hit.TimedOut, BytesIn: 5}, 2, ""},
	{"HEAD of what is streamed", "head: /", say("HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n"), hit.Result{Status: 200}, 1, ""},
	{"HEAD of what is streamed, and then closed", "head: /", then(say("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\n")), hit.Result{Status: 200}, 2, ""},
	{"HEAD by HTTP/1.0", "head: /", then(say("HTTP/1.0 200 OK\r\n\r\n")), hit.Result{Status: 200}, 2, ""},
	{"HEAD by HTTP/1.0 that keeps", "head: /", say("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n"), hit.Result{Status: 200}, 1, ""},
	{"204 that tells no length", "get: /", say("HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n"), hit.Result{Status: 204}, 1, ""},
	{"304 that tells no length", "get: /", say("HTTP/1.1 304 Not Modified\r\nX-A: b\r\n\r\n"), hit.Result{Status: 304}, 1, ""},
	{"lines that end with LF alone", "get: /", say("HTTP/1.1 200 OK\nContent-Length: 9\n\na\r\n\r\nbcde"), hit.Result{Status: 200, BytesIn: 9}, 1, ""},
	{"LF alone, byte by byte", "get: /", slowly("HTTP/1.1 200 OK\nX-A: b\r\nContent-Length: 2\n\r\nok"), hit.Result{Status: 200, BytesIn: 2}, 1, ""},
	{"LF alone after a 1xx", "get: /", say("HTTP/1.1 103 Early Hints\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok"), hit.Result{Status: 200, BytesIn: 2}, 1, ""},
	{"the same length twice", "get: /", say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\ncontent-length: 2\r\n\r\nok"), hit.Result{Status: 200, BytesIn: 2}, 1, ""},
	{"bytes after the body", "get: /", then(say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n")), hit.Result{Status: 200, BytesIn: 2}, 2, ""},
	{"a body after HEAD", "head: /", then(say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")), hit.Result{Status: 200}, 2, ""},
	{"not HTTP, and it stays", "get: /", hang(say("220 mail.example ESMTP\r\n")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Malformed}, 2, ""},
	{"a status that is no number, and it stays", "get: /", hang(say("HTTP/1.1 abc OK\r\n")), hit.Result{Outcome: hit.Ambiguous, Kind: hit.Malformed}, 2, ""},
	{"101", "{get: /, headers: {Connection: Upgrade, Upgrade: websocket}, expect: [101]}", hang(say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")), hit.Result{Status: 101}, 2, ""},
	{"101 with bytes after it", "{get: /, headers: {Connection: Upgrade, Upgrade: chat}, expect: [101]}", hang(say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello")), hit.Result{Status: 101}, 2, ""},
	{"CONNECT", "{method: CONNECT, path: /tunnel}", hang(say("HTTP/1.1 200 Established\r\n\r\n")), hit.Result{Status: 200}, 2, ""},
	{"a body without end", "get: /", endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), hit.Result{Status: 200, Outcome: hit.Cut, Kind: hit.TimedOut}, 2, ""},
	{"chunks without end", "get: /", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), hit.Result{Status: 200, Outcome: hit.Cut, Kind: hit.TimedOut}, 2, ""},
	{"1xx without end", "get: /", hang(say(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 3))), hit.Result{Outcome: hit.Ambiguous, Kind: hit.TimedOut}, 2, ""},
	{"a path that begins with two slashes", "get: //cdn/page?a=//b", say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), hit.Result{Status: 200}, 1, "GET //cdn/page?a=//b HTTP/1.1"},
	{"two slashes and an escape", "get: //a%2Fb//c", say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), hit.Result{Status: 200}, 1, "GET //a%2Fb//c HTTP/1.1"},
	{"an early answer", "{post: /, body_file: large}", early, hit.Result{Status: 413, BytesOut: 4 << 20, BytesIn: 5, Excerpt: "large"}, 2, ""},
}

// echoLength answers with the length of the body, after reading all of it.
func echoLength(c net.Conn, r *http.Request) bool {
	n, err := io.Copy(io.Discard, r.Body)
	if err != nil || len(r.TransferEncoding) > 0 || r.ContentLength != n {
		return false
	}
	return say(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d", n))(c, r)
}

// endless answers with a head and chunks of one byte until the client gives up.
func endless(head string) func(net.Conn, *http.Request) bool {
	return func(c net.Conn, r *http.Request) bool {
		for ok := say(head)(c, r); ok; ok = say("1\r\nx\r\n")(c, r) {
			time.Sleep(time.Millisecond)
		}
		return false
	}
}

func slowly(text string) func(net.Conn, *http.Request) bool {
	return func(c net.Conn, r *http.Request) bool {
		for i := range text {
			if !say(text[i:i+1])(c, r) {
				return false
			}
		}
		return true
	}
}

// early answers before the request's body has been read, then reads on, as a server does that does
// not want to cut the answer off.
func early(c net.Conn, r *http.Request) bool {
	say("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\nlarge")(c, r)
	_, _ = io.Copy(io.Discard, r.Body)
	return false
}

// atWork makes an engine with a client of one target, which ends with the test.
func atWork(t *testing.T, p *scenarios.Plan, o Options, since func() time.Duration) (attacker, client) {
	t.Helper()
	a, err := o.attacker(p, since, &http1.WakeUps{})
	require.NoError(t, err)
	target, err := o.target()
	require.NoError(t, err)
	c := a.add(target)
	t.Cleanup(c.Close)
	return a, c
}

// single sends hits one at a time, each when it is asked to.
type single struct {
	client
	hits    chan scenarios.Hit
	results chan hit.Result
	release func(n uint64)
	sent    uint64
}

// carrying has an engine attack a target with single hits, until the test ends.
func carrying(t *testing.T, p *scenarios.Plan, o Options) *single {
	t.Helper()
	start := time.Now()
	a, c := atWork(t, p, o, func() time.Duration { return time.Since(start) })
	c.Begin()
	d := newDispatcher(p.Schedule(), 1, func() {})
	s := &single{client: c, hits: make(chan scenarios.Hit, 1), results: make(chan hit.Result, 1),
		release: func(n uint64) { d.release(n, 0) }}
	d.waits = s.waits
	var attacking sync.WaitGroup
	attacking.Go(func() { a.attack(d, s, start) })
	d.absent.Wait()
	t.Cleanup(func() {
		d.close()
		attacking.Wait()
	})
	return s
}

// carry sends a hit and returns what came of it.
func (s *single) carry(h scenarios.Hit) hit.Result {
	s.hits <- h
	s.sent++
	s.release(s.sent)
	return <-s.results
}

func (s *single) hit(uint64) (scenarios.Hit, int) { return <-s.hits, 0 }
func (s *single) waits(uint64, time.Duration)     {}
func (s *single) done(_ int, _ scenarios.Hit, r hit.Result) {
	r.Waited = false // the worker may not be idle again yet
	s.results <- r
}

// fate is the part of a Result that both engines must agree on.
func fate(r hit.Result) hit.Result {
	r.Sent, r.Done, r.Err = 0, 0, nil
	return r
}

func TestBothEnginesAgree(t *testing.T) {
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		for _, secure := range []bool{false, true} {
			for _, row := range conformance {
				if engine == Vegeta && (row.name == "bytes after the body" || row.name == "a body after HEAD") {
					continue // net/http reads the next answer from them, if it is asked soon enough
				}
				if secure && (row.want.Kind == hit.Reset || row.want.Kind == hit.TimedOut) {
					continue // the script resets plain connections only, and a handshake takes long on a busy machine
				}
				t.Run(fmt.Sprintf("%s TLS=%t %s", engine, secure, row.name), func(t *testing.T) {
					t.Parallel()
					o := Options{Connections: 1, Timeout: 10 * time.Second, Engine: engine}
					if row.want.Kind == hit.TimedOut {
						o.Timeout = 1500 * time.Millisecond // time enough to connect on a busy machine
					}
					var config *tls.Config
					scheme := "http"
					if secure {
						scheme = "https"
						config, o.TLS = certificates(t)
					}
					server := serveScript(t, config, row.answer)
					o.BaseURL = scheme + "://" + server.Addr().String()
					request := row.request
					if !strings.HasPrefix(request, "{") {
						request = "{" + request + "}"
					}
					p := planWith(t, map[string]string{"large": strings.Repeat("x", 4<<20)}, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\nrequests: ["+request+"]\n")
					c := carrying(t, p, o)
					want := row.want
					if want.Outcome == "" {
						want.Outcome = hit.Answered
					}
					for n := range uint64(2) {
						h := p.Hit(n)
						r := c.carry(h)
						if strings.HasSuffix(row.name, "without end") {
							want.BytesIn = r.BytesIn
						}
						require.Equal(t, want, fate(r), "hit %d: %v", n, r.Err)
						if r.Err != nil {
							require.NotRegexp(t, "raw-read|raw-write|%!|[Bb]uffer size", r.Err.Error())
						}
						require.GreaterOrEqual(t, r.Done, r.Sent)
					}
					server.mu.Lock()
					defer server.mu.Unlock()
					require.Len(t, server.lines, 2)
					require.Equal(t, row.dials, server.dials)
					if row.line != "" {
						require.Equal(t, []string{row.line, row.line}, server.lines)
					}
				})
			}
		}
	}
}

// certificates returns a server's TLS settings and a client's that trust them.
func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: pool}
}

func TestNeverReached(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{get: /}]\n")
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		t.Run(string(engine), func(t *testing.T) {
			c := carrying(t, p, Options{BaseURL: "http://" + listener.Addr().String(), Connections: 1, Timeout: time.Second, Engine: engine})
			require.Error(t, c.Connect())
			h := p.Hit(0)
			r := c.carry(h)
			require.Equal(t, hit.Result{Outcome: hit.NeverReached, Kind: hit.NoDial}, fate(r))
			require.True(t, errors.As(r.Err, new(*net.OpError)))
		})
	}
}
