package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
)

// dialFunc makes a connection, as net.Dialer's DialContext does.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// network gives the dialing function of the options. It binds no local address: that costs over a millisecond a dial when
// many ports wait to be free again. It looks the name up anew for every connection.
func (o Options) network() dialFunc {
	switch {
	case o.Dial != nil:
		return o.Dial
	case o.Unix != "":
		dial := dialer().DialContext
		return func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx, "unix", o.Unix)
		}
	default:
		return dialer().DialContext
	}
}

// toTarget gives the function that makes a connection to the target, TLS included, for HTTP/1.1.
func (o Options) toTarget(base *url.URL) func(context.Context) (net.Conn, error) {
	dial, address := o.network(), hostPort(base)
	if base.Scheme != "https" {
		return func(ctx context.Context) (net.Conn, error) { return dial(ctx, "tcp", address) }
	}
	config := o.tlsConfig(base)
	config.NextProtos = []string{"http/1.1"}
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := dial(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		secured := tls.Client(conn, config)
		shaken := func() {}
		if o.Steps != nil {
			shaken = o.Steps.timer(Handshake)
		}
		if err := secured.HandshakeContext(ctx); err != nil {
			conn.Close() //nolint:errcheck // the handshake's error says it all
			return nil, fmt.Errorf("TLS handshake: %w", err)
		}
		shaken()
		return secured, nil
	}
}

// tlsConfig gives a copy of the options' TLS settings, with the target's name.
func (o Options) tlsConfig(base *url.URL) *tls.Config {
	config := &tls.Config{}
	if o.TLS != nil {
		config = o.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = base.Hostname()
	}
	return config
}

// hostPort gives the address that a URL's host is dialled at.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// unreachable says that the load cannot begin.
func unreachable(err error) error { return fmt.Errorf("connect to the target: %w", err) }
