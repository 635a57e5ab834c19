package load

import (
	"net/http"

	"brrtload/internal/load/dial"
)

// Way returns how what is no hit asks the target, such as whether it is ready: over the same
// socket, protocol, proxy and TLS settings as the hits take. The environment's proxy is not used,
// as it is not by hits.
func (o Options) Way() http.RoundTripper {
	return dial.Target{
		TLS: o.TLS, HTTP2: o.HTTP2, H2C: o.H2C, Proxy: o.Proxy, Unix: o.Unix, Dial: o.Dial, NoKeepAlive: o.NoKeepAlive,
	}.Transport()
}

// Elsewhere returns how another address than the target's is asked on the target's behalf: with the
// TLS settings of the hits alone.
func (o Options) Elsewhere() http.RoundTripper {
	return dial.Target{TLS: o.TLS, Dial: o.Dial}.Transport()
}
