package load

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// sendAFew carries a short plan out and requires that every hit was answered with 200.
func sendAFew(t *testing.T, transport, baseURL string) Snapshot {
	t.Helper()
	s, err := scenarios.Load(anywhere{"s.yaml": {Data: []byte(
		"target: {url: http://example.test}\nconnections: 4\nstages: [{rate: 200, duration: 100ms}]\nrequests: [{get: /a}, {post: /b, body: hello}]\ntransport: " + transport)}}, "s.yaml")
	require.NoError(t, err)
	p, err := s.Plan(1)
	require.NoError(t, err)
	o, err := For(s, baseURL)
	require.NoError(t, err)
	l := NewLedger(p)
	require.NoError(t, Run(t.Context(), p, l, o))
	snapshot := l.Snapshot()
	require.Equal(t, uint64(20), snapshot.Done)
	for _, row := range snapshot.Rows {
		require.Equal(t, 200, row.Status, "%v", snapshot.Failures)
	}
	return snapshot
}

// anywhere has files beside a scenario, and those of the machine by their absolute paths.
type anywhere fstest.MapFS

func (a anywhere) Open(name string) (fs.File, error) {
	if filepath.IsAbs(name) {
		return os.Open(name)
	}
	return fstest.MapFS(a).Open(name)
}

// counting answers and counts requests by protocol and connections.
type counting struct {
	connections atomic.Int32
	http2       atomic.Int32
	http1       atomic.Int32
}

func (c *counting) start(t *testing.T, secure *tls.Config, protocols *http.Protocols) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 {
			c.http2.Add(1)
		} else {
			c.http1.Add(1)
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	s.Config.Protocols = protocols
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure != nil {
		s.TLS = secure
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// caFile writes a server's certificate where a scenario can name it.
func caFile(t *testing.T, s *httptest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	return path
}

func TestHTTP2(t *testing.T) {
	var c counting
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	s := c.start(t, &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, protocols)
	sendAFew(t, "{http2: true, tls: {ca_file: "+caFile(t, s)+"}}", s.URL)
	require.Equal(t, int32(20), c.http2.Load())
	sendAFew(t, "{tls: {ca_file: "+caFile(t, s)+"}}", s.URL)
	require.Equal(t, int32(20), c.http1.Load(), "HTTP/1.1 unless it is asked for")
}

func TestH2C(t *testing.T) {
	var c counting
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	sendAFew(t, "{h2c: true}", c.start(t, nil, protocols).URL)
	require.Equal(t, int32(20), c.http2.Load())
}

func TestConnections(t *testing.T) {
	for _, client := range []string{"fasthttp", "vegeta"} {
		t.Run(client, func(t *testing.T) {
			var kept, closed counting
			sendAFew(t, "{client: "+client+"}", kept.start(t, nil, nil).URL)
			require.LessOrEqual(t, kept.connections.Load(), int32(4))
			sendAFew(t, "{client: "+client+", keep_alive: false}", closed.start(t, nil, nil).URL)
			require.Equal(t, int32(20), closed.connections.Load(), "one for each hit: the trial's is used, too")
		})
	}
}

// A connection on which nothing is ever sent is a bad request to HAProxy, and keeps a worker of
// gunicorn's from serving anybody else.
func TestNoConnectionIsMadeThatNoHitUses(t *testing.T) {
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		t.Run(string(engine), func(t *testing.T) {
			server := serveScript(t, nil, say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
			p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 500ms}]\nrequests: [{get: /}]\n")
			c := carrying(t, p, Options{BaseURL: "http://" + server.Addr().String(), Connections: 7, Timeout: 10 * time.Second, Engine: engine})
			require.NoError(t, c.Connect())
			for n := range uint64(5) { // one after the other, by other workers each time
				require.Equal(t, hit.Answered, c.carry(p.Hit(n)).Outcome)
			}
			server.mu.Lock()
			defer server.mu.Unlock()
			require.Len(t, server.lines, 5)
			require.LessOrEqual(t, server.dials, 2)
			require.Equal(t, server.accepted, server.dials, "each of the connections carried a hit")
		})
	}
}

func TestClientCertificates(t *testing.T) {
	var c counting
	s := c.start(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert}, nil)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 100ms}]\nrequests: [{get: /}]\n")
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		o := Options{BaseURL: s.URL, Connections: 1, Timeout: 10 * time.Second, Engine: engine}
		o.TLS = &tls.Config{RootCAs: pool, Certificates: s.TLS.Certificates}
		require.Equal(t, 200, carrying(t, p, o).carry(p.Hit(0)).Status)
		o.TLS = &tls.Config{RootCAs: pool}
		require.NotEqual(t, hit.Answered, carrying(t, p, o).carry(p.Hit(0)).Outcome, "without one it is refused")
		o.TLS = nil
		r := carrying(t, p, o).carry(p.Hit(0))
		require.Equal(t, []any{hit.NeverReached, hit.NoDial}, []any{r.Outcome, r.Kind}, "an authority that is not known: %v", r.Err)
	}
}

func TestProxy(t *testing.T) {
	var c counting
	target := c.start(t, nil, nil)
	u, err := url.Parse(target.URL)
	require.NoError(t, err)
	var through atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, u.Host, r.URL.Host)
		through.Add(1)
		httputil.NewSingleHostReverseProxy(u).ServeHTTP(w, r)
	}))
	defer proxy.Close()
	sendAFew(t, "{proxy: '"+proxy.URL+"'}", target.URL)
	require.Equal(t, int32(20), through.Load())
}

func TestUnixSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go server.Serve(listener) //nolint:errcheck // ends with Close
	defer server.Close()
	for _, client := range []string{"fasthttp", "vegeta"} {
		sendAFew(t, "{client: "+client+", unix: "+path+"}", "http://somewhere")
	}
}

func TestAUserInTheURLIsShownByHitsThatShowNoOther(t *testing.T) {
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		var mu sync.Mutex
		var shown []string
		server := serveScript(t, nil, func(c net.Conn, r *http.Request) bool {
			user, password, _ := r.BasicAuth()
			mu.Lock()
			shown = append(shown, user+" "+password)
			mu.Unlock()
			return say("HTTP/1.1 204 No Content\r\n\r\n")(c, r)
		})
		p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\n"+
			"credentials: {bob: {basic: {username: bob, password: bobs-own}}}\nrequests: [{get: /, credentials: [bob, none]}]\n")
		c := carrying(t, p, Options{BaseURL: "http://ann:p%40ss@" + server.Addr().String(), Connections: 1, Timeout: 30 * time.Second, Engine: engine})
		for n := range uint64(10) {
			require.Equal(t, 204, c.carry(p.Hit(n)).Status)
		}
		mu.Lock()
		require.Contains(t, shown, "ann p@ss")
		require.Contains(t, shown, "bob bobs-own")
		mu.Unlock()
	}
}
