package scenarios

import (
	"net/url"
	"time"

	"github.com/prometheus/common/config"

	"brrtload/internal/diag"
)

// Transport is how hits travel. The zero value is HTTP/1.1 on connections that are kept alive.
type Transport struct {
	At        diag.Position `yaml:",position"`
	Client    diag.Text     `yaml:"client"`     // "fasthttp": our own, for HTTP/1.1; "vegeta": HTTP/2 and proxies too; by default the one that fits
	KeepAlive *bool         `yaml:"keep_alive"` // true by default; false: a connection for every hit
	Lifetime  time.Duration `yaml:"lifetime"`   // of a connection, then another is made, by a new look-up of the name; no limit by default
	HTTP2     bool          `yaml:"http2"`      // where an https target offers it; false by default
	H2C       bool          `yaml:"h2c"`        // HTTP/2 without TLS; false by default
	Proxy     diag.Text     `yaml:"proxy"`      // the URL of an HTTP proxy; none by default
	Unix      string        `yaml:"unix"`       // path of a socket to dial in place of the URL's host
	Steps     bool          `yaml:"steps"`      // measure what hits spend their time on: DNS, connecting, TLS, first byte, transfer; false by default
	TLS       TLS           `yaml:"tls"`        // whom to trust and what to show, as Prometheus has it in tls_config
}

// TLS is who is trusted and what certificate is shown, in the words of a Prometheus configuration
// file.
type TLS struct {
	config.TLSConfig
	node diag.Node // where it is given
}

// UnmarshalNode implements diag.Unmarshaler.
func (t *TLS) UnmarshalNode(n diag.Node) error {
	err := n.Load(&t.TLSConfig)
	if err == nil {
		t.node = n
	}
	return err
}

// ProxyURL returns the proxy, or nil when there is none.
func (t Transport) ProxyURL() *url.URL {
	if t.Proxy.Value == "" {
		return nil
	}
	u, err := url.Parse(t.Proxy.Value)
	if err != nil {
		return nil // checked when the scenario was loaded
	}
	return u
}

func (s *Scenario) checkTransport(found *diag.List) {
	t := s.Transport
	checkURL(t.Proxy, false, found)
	if t.Lifetime < 0 {
		*found = append(*found, s.at(t.At, "a connection's lifetime is 0 or more"))
	}
	switch c := t.Client.Value; c {
	case "", "vegeta":
	case "fasthttp":
		if t.HTTP2 || t.H2C || t.Proxy.Value != "" {
			*found = append(*found, t.Client.Errorf("fasthttp supports neither HTTP/2 nor proxies; use vegeta"))
		}
	case "net/http": // the former name
		s.Transport.Client.Value = "vegeta"
	default:
		*found = append(*found, t.Client.Errorf(`want "fasthttp" or "vegeta", got %q`, c))
	}
}
