package load

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
)

// A server may close a connection after an answer without a word of it. A hit that comes when the
// end has arrived takes another connection.
func TestAConnectionThatWasClosedMeanwhileIsNotUsed(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS=%t", secure), func(t *testing.T) {
			var config *tls.Config
			o := Options{Connections: 1, Timeout: 30 * time.Second}
			scheme := "http"
			if secure {
				scheme = "https"
				config, o.TLS = certificates(t)
			}
			closed := make(chan struct{})
			server := serveScript(t, config, func(c net.Conn, r *http.Request) bool {
				say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(c, r)
				c.Close() //nolint:errcheck // the test is about this
				closed <- struct{}{}
				return false
			})
			o.BaseURL = scheme + "://" + server.Addr().String()
			p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{get: /}]\n")
			c := carrying(t, p, o)
			for n := range uint64(10) {
				r := c.carry(p.Hit(n))
				require.Equal(t, hit.Answered, r.Outcome, "hit %d: %v", n, r.Err)
				<-closed
				time.Sleep(time.Millisecond)
			}
		})
	}
}

// A hit that met the end of a connection which had served before is not sent again, and its error
// says what may be done.
func TestAHitThatMeetsTheEndOfAKeptConnectionIsSentOnce(t *testing.T) {
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		t.Run(string(engine), func(t *testing.T) {
			n := 0
			server := serveScript(t, nil, func(c net.Conn, r *http.Request) bool {
				n++
				return n%2 == 1 && say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(c, r)
			})
			p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{get: /}]\n")
			c := carrying(t, p, Options{BaseURL: "http://" + server.Addr().String(), Connections: 1, Timeout: 30 * time.Second, Engine: engine})
			require.Equal(t, hit.Answered, c.carry(p.Hit(0)).Outcome)
			r := c.carry(p.Hit(1))
			require.Equal(t, hit.Result{Outcome: hit.Ambiguous, Kind: hit.Closed}, fate(r))
			require.ErrorContains(t, r.Err, "kept connection")
			server.mu.Lock()
			defer server.mu.Unlock()
			require.Len(t, server.lines, 2)
		})
	}
}
