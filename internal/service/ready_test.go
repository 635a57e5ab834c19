package service

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// asked is a way to a target that a test plays.
type asked func(*http.Request) (*http.Response, error)

func (a asked) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

func TestReadiness(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			http.Redirect(w, r, other.URL+"/login", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/teapot":
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer target.Close()
	for _, row := range []struct{ name, path, want string }{
		{"any answer will do, also a redirect to another host", "", ""},
		{"a path that answers with a 2xx", "/up", ""},
		{"a URL elsewhere", other.URL + "/up", ""},
		{"a path that redirects", "/loop", `answered 302 Found, to "/loop"; a ready path answers with a 2xx itself`},
		{"a path that answers otherwise", "/teapot", "answered 418 I'm a teapot; target.ready_timeout makes that longer"},
	} {
		err := At(target.URL).Ready(t.Context(), Readiness{Path: row.path, Time: 300 * time.Millisecond})
		if row.want == "" {
			require.NoError(t, err, row.name)
		} else {
			require.ErrorContains(t, err, row.want, row.name)
		}
	}
	require.Equal(t, int32(1), elsewhere.Load(), "no redirect is followed")
}

// A target is asked less and less often, for as long as it is given, and the error is the last that
// says more than that the time was up.
func TestATargetIsWaitedForWithPatience(t *testing.T) {
	for _, row := range []struct {
		name  string
		time  time.Duration
		lasts time.Duration
	}{{"by default", 0, AnswerTime}, {"as long as is given", time.Minute, time.Minute}} {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			begun := time.Now()
			err := At("http://svc.example").Ready(t.Context(), Readiness{Time: row.time, Way: asked(func(r *http.Request) (*http.Response, error) {
				if tries++; tries < 5 {
					return nil, &net.DNSError{Err: "no such host", Name: "svc.example", IsNotFound: true}
				}
				<-r.Context().Done()
				return nil, r.Context().Err()
			})})
			require.ErrorContains(t, err, "did not answer http://svc.example/ within "+row.lasts.String()+": lookup svc.example: no such host; target.ready_timeout")
			require.Equal(t, row.lasts, time.Since(begun), row.name)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		err := At("http://svc.example").Ready(t.Context(), Readiness{Time: time.Minute, Way: asked(func(*http.Request) (*http.Response, error) {
			tries++
			return nil, errors.New("connection refused")
		})})
		require.ErrorContains(t, err, "connection refused")
		require.InDelta(t, 67, tries, 3, "one a second after the first few")
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begun := time.Now()
		require.Error(t, At("http://svc.example").Ready(ctx, Readiness{Way: asked(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}))
		require.Equal(t, time.Second, time.Since(begun), "an interrupt ends the wait")
	})
}

// What another try will not mend is told at once, with what to do.
func TestACertificateThatIsNotTrustedIsToldAtOnce(t *testing.T) {
	var dials atomic.Int32
	target := httptest.NewUnstartedServer(http.NotFoundHandler())
	target.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			dials.Add(1)
		}
	}
	target.StartTLS()
	defer target.Close()
	err := At(target.URL).Ready(t.Context(), Readiness{Time: time.Hour})
	require.ErrorContains(t, err, "x509: certificate signed by unknown authority; name its authority with transport: {tls: {ca_file: FILE}}")
	require.Equal(t, int32(1), dials.Load())
	pool := x509.NewCertPool()
	pool.AddCert(target.Certificate())
	require.NoError(t, At(target.URL).Ready(t.Context(), Readiness{Way: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}))
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	err = At("https"+plain.URL[len("http"):]).Ready(t.Context(), Readiness{Time: time.Hour})
	require.ErrorContains(t, err, "give the target's url as http://")
}

func TestADescriptorThatBrrtloadLacksIsToldAtOnce(t *testing.T) {
	tries := 0
	way := asked(func(*http.Request) (*http.Response, error) {
		tries++
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
	})
	err := At("http://svc.test").Ready(t.Context(), Readiness{Time: time.Minute, Way: way})
	require.ErrorContains(t, err, "too many open files in brrtload; raise `ulimit -n`")
	require.Equal(t, 1, tries)
}
