package load

import "net/http"

// Way returns how what is no hit asks the target, such as whether it is ready: over the same socket, protocol, proxy and TLS settings as the hits
// take. The environment's proxy is not used, as it is not by hits.
func (o Options) Way() http.RoundTripper { return o.roundTripper() }

// Elsewhere returns how another address than the target's is asked on the target's behalf: with the TLS settings of the hits alone.
func (o Options) Elsewhere() http.RoundTripper {
	return Options{TLS: o.TLS, Dial: o.Dial}.roundTripper()
}

// roundTripper returns net/http's transport by the options.
func (o Options) roundTripper() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!o.H2C)
	protocols.SetHTTP2(o.HTTP2)
	protocols.SetUnencryptedHTTP2(o.H2C)
	t := &http.Transport{
		DialContext: o.network(), Protocols: protocols,
		DisableKeepAlives: o.NoKeepAlive, DisableCompression: true, MaxResponseHeaderBytes: headerRoom,
	}
	if o.TLS != nil {
		t.TLSClientConfig = o.TLS.Clone()
	}
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
	}
	return t
}
