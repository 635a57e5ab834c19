package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

// A whole run goes the way that the scenario says: the look whether the target is ready, the hits
// and the scrapes.
func TestARunOverEachTransport(t *testing.T) {
	for _, row := range []struct {
		name string
		// serve makes the server fit, and gives what the scenario says of it. Files are put beside
		// the scenario.
		serve func(t *testing.T, s *httptest.Server, files map[string][]byte) (address, more string)
		admit func(r *http.Request) bool // every request that comes to the target must be let in
	}{
		{"plain", func(_ *testing.T, s *httptest.Server, _ map[string][]byte) (string, string) {
			s.Start()
			return s.URL, "{}"
		}, nil},
		{"vegeta", func(_ *testing.T, s *httptest.Server, _ map[string][]byte) (string, string) {
			s.Start()
			return s.URL, "{client: vegeta}"
		}, nil},
		{"a private authority", func(_ *testing.T, s *httptest.Server, files map[string][]byte) (string, string) {
			s.StartTLS()
			files["ca.pem"] = certificate(s)
			return s.URL, "{tls: {ca_file: DIR/ca.pem}}"
		}, func(r *http.Request) bool { return r.TLS != nil }},
		{"an authority that is not verified", func(_ *testing.T, s *httptest.Server, _ map[string][]byte) (string, string) {
			s.StartTLS()
			return s.URL, "{tls: {insecure_skip_verify: true}}"
		}, func(r *http.Request) bool { return r.TLS != nil }},
		{"HTTP/2 over TLS", func(_ *testing.T, s *httptest.Server, files map[string][]byte) (string, string) {
			s.EnableHTTP2 = true
			s.StartTLS()
			files["ca.pem"] = certificate(s)
			return s.URL, "{http2: true, tls: {ca_file: DIR/ca.pem}}"
		}, func(r *http.Request) bool { return r.ProtoMajor == 2 }},
		{"a client certificate", func(t *testing.T, s *httptest.Server, files map[string][]byte) (string, string) {
			s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
			s.StartTLS()
			files["ca.pem"], files["key.pem"] = certificate(s), privateKey(t, s)
			return s.URL, "{tls: {ca_file: DIR/ca.pem, cert_file: DIR/ca.pem, key_file: DIR/key.pem}}"
		}, func(r *http.Request) bool { return len(r.TLS.PeerCertificates) == 1 }},
		{"a unix socket", func(t *testing.T, s *httptest.Server, _ map[string][]byte) (string, string) {
			path := filepath.Join(t.TempDir(), "s")
			listener, err := net.Listen("unix", path)
			require.NoError(t, err)
			require.NoError(t, s.Listener.Close())
			s.Listener = listener
			s.Start()
			return "http://svc.invalid", "{unix: " + path + "}"
		}, func(r *http.Request) bool { return r.Host == "svc.invalid" }},
		{"HTTP/2 without TLS", func(_ *testing.T, s *httptest.Server, _ map[string][]byte) (string, string) {
			s.Config.Protocols = new(http.Protocols)
			s.Config.Protocols.SetUnencryptedHTTP2(true)
			s.Start()
			return s.URL, "{h2c: true}"
		}, func(r *http.Request) bool { return r.ProtoMajor == 2 }},
		{"a proxy", func(t *testing.T, s *httptest.Server, _ map[string][]byte) (string, string) {
			s.Start()
			target, err := url.Parse(s.URL)
			require.NoError(t, err)
			through := httputil.NewSingleHostReverseProxy(target)
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Header.Set("X-Through", "proxy")
				through.ServeHTTP(w, r)
			}))
			t.Cleanup(proxy.Close)
			return "http://svc.invalid", "{proxy: '" + proxy.URL + "'}"
		}, func(r *http.Request) bool { return r.Header.Get("X-Through") == "proxy" }},
		{"a user in the URL", func(_ *testing.T, s *httptest.Server, _ map[string][]byte) (string, string) {
			s.Start()
			return "http://ann:not-a-real-one@" + s.Listener.Addr().String(), "{}"
		}, func(r *http.Request) bool { _, password, _ := r.BasicAuth(); return password == "not-a-real-one" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := &fixture{}
			var refused, hits atomic.Int64
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if row.admit != nil && !row.admit(r) {
					refused.Add(1)
					t.Logf("%s %s %s by %s", r.Proto, r.Method, r.URL.Path, r.UserAgent())
				}
				if r.URL.Path == "/page" {
					hits.Add(1)
				}
				f.ServeHTTP(w, r)
			}))
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			t.Cleanup(s.Close)
			files := map[string][]byte{}
			address, more := row.serve(t, s, files)
			dir := t.TempDir()
			for name, content := range files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
			}
			more = string(bytes.ReplaceAll([]byte(more), []byte("DIR"), []byte(dir)))
			file := filepath.Join(dir, "s.yaml")
			require.NoError(t, os.WriteFile(file, []byte("target: {url: '"+address+"', ready_timeout: 60s}\nconnections: 2\n"+
				"stages: [{rate: max, duration: 30s, hits: 40}]\nrequests: [{name: page, get: /page}]\ntransport: "+more+"\n"), 0o600))
			var out, said bytes.Buffer
			run := filepath.Join(dir, "run")
			status := execute(t.Context(), []string{"run", file, "--quiet", "--dir", run}, &out, &said)
			r, err := reports.Read(run)
			require.NoError(t, err, "%d %s%s", status, &out, &said)
			require.Equal(t, reports.Completed, r.End, r.Cause)
			require.Equal(t, int64(40), hits.Load())
			require.Zero(t, refused.Load(), "requests that went another way")
			require.Len(t, r.Ledger, 1, "%v", r.Failures)
			require.Equal(t, []any{uint64(40), 200}, []any{r.Ledger[0].Hits, r.Ledger[0].Status})
			require.NotEmpty(t, r.Scrapes)
			require.Zero(t, r.Scrapes[0].Failed, "%s", r.Scrapes[0].Error)
			for _, shown := range []string{out.String(), said.String()} {
				require.NotContains(t, shown, "not-a-real-one")
			}
		})
	}
}

// certificate returns a server's certificate as a file has it, privateKey its key.
func certificate(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

func privateKey(t *testing.T, s *httptest.Server) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
