// Package dial makes connections to a target, for both engines and for what is no hit.
//
// It knows the target's address, TLS settings and socket, leaves some of the process's descriptors
// free, and sees whether the other side has closed an idle connection.
package dial

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"time"

	"brrtload/internal/load/hit"
)

// Func makes a connection, as net.Dialer's DialContext does.
type Func func(ctx context.Context, network, address string) (net.Conn, error)

// Target is where hits go and how.
type Target struct {
	Base        *url.URL
	Connections int           // maximum number of connections
	Timeout     time.Duration // of a hit, from its sending
	NoKeepAlive bool          // a connection for every hit
	Lifetime    time.Duration // of a connection; 0 is unlimited
	TLS         *tls.Config
	HTTP2       bool // where an https target offers it
	H2C         bool // HTTP/2 without TLS, from the first byte
	Proxy       *url.URL
	Unix        string     // path of a socket to dial instead of the base URL's host
	Dial        Func       // replaces the network, in tests
	Record      hit.Record // counts the steps of connections and hits, if not nil
}

// UserAgent is what hits that name no other say they are.
const UserAgent = "brrtload"

// Network returns the dialing function. It binds no local address: that costs over a millisecond a
// dial when many ports wait to be free again. It looks the name up anew for every connection.
func (t Target) Network() Func {
	switch {
	case t.Dial != nil:
		return t.Dial
	case t.Unix != "":
		dial := dialer().DialContext
		return func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx, "unix", t.Unix)
		}
	default:
		return dialer().DialContext
	}
}

// TLSConfig returns a copy of the TLS settings, with the target's name.
func (t Target) TLSConfig() *tls.Config {
	config := &tls.Config{}
	if t.TLS != nil {
		config = t.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = t.Base.Hostname()
	}
	return config
}

// Transport returns net/http's transport by the target's settings.
func (t Target) Transport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!t.H2C)
	protocols.SetHTTP2(t.HTTP2)
	protocols.SetUnencryptedHTTP2(t.H2C)
	transport := &http.Transport{
		DialContext: t.Network(), Protocols: protocols,
		DisableKeepAlives: t.NoKeepAlive, DisableCompression: true, MaxResponseHeaderBytes: hit.MaxHeader,
	}
	if t.TLS != nil {
		transport.TLSClientConfig = t.TLS.Clone()
	}
	if t.Proxy != nil {
		transport.Proxy = http.ProxyURL(t.Proxy)
	}
	return transport
}

// Authorization returns the header field that shows the user of a URL, as net/http does it.
// It is empty when the URL has no user.
func Authorization(u *url.URL) string {
	if u.User == nil {
		return ""
	}
	password, _ := u.User.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
}
