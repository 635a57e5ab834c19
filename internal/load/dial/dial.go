package dial

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"

	"brrtload/internal/load/hit"
)

// HTTP1 returns the function that makes a connection to the target, TLS included, for HTTP/1.1.
func (t Target) HTTP1() func(context.Context) (net.Conn, error) {
	dial, address := t.Network(), HostPort(t.Base)
	if t.Base.Scheme != "https" {
		return func(ctx context.Context) (net.Conn, error) { return dial(ctx, "tcp", address) }
	}
	config := t.TLSConfig()
	config.NextProtos = []string{"http/1.1"}
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := dial(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		secured := tls.Client(conn, config)
		shaken := func() {}
		if t.Record != nil {
			shaken = t.Record.Timer(hit.Handshake)
		}
		if err := secured.HandshakeContext(ctx); err != nil {
			conn.Close() //nolint:errcheck // the handshake's error says it all
			return nil, fmt.Errorf("TLS handshake: %w", err)
		}
		shaken()
		return secured, nil
	}
}

// HostPort returns the address that a URL's host is dialled at.
func HostPort(u *url.URL) string {
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
