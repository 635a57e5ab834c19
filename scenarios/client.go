package scenarios

import (
	"encoding/base64"
	"net/url"
	"reflect"

	"github.com/prometheus/common/config"

	"brrtload/internal/diag"
)

// Client is how an endpoint is reached: TLS, credentials and proxy, in the words of a Prometheus
// configuration file.
type Client struct {
	config.HTTPClientConfig
	node diag.Node // where it is given
}

// UnmarshalNode implements diag.Unmarshaler.
func (c *Client) UnmarshalNode(n diag.Node) error {
	*c = Client{HTTPClientConfig: config.DefaultHTTPClientConfig}
	err := n.Load(&c.HTTPClientConfig)
	if err == nil {
		c.node = n
	}
	return err
}

// Settings returns the configuration; where the scenario says nothing, Prometheus's default, which
// follows redirects.
func (c Client) Settings() config.HTTPClientConfig {
	if c.node.IsZero() {
		return config.DefaultHTTPClientConfig
	}
	return c.HTTPClientConfig
}

// Given reports whether the scenario says anything.
func (c Client) Given() bool { return !c.node.IsZero() }

// secrets returns every secret text of the configuration.
func (c Client) secrets() []string { return secretsIn(reflect.ValueOf(c.HTTPClientConfig)) }

var secretType = reflect.TypeFor[config.Secret]()

// secretsIn finds the values of the type that the configuration's library has for secrets: what it
// adds to its settings is not forgotten here.
func secretsIn(v reflect.Value) (found []string) {
	switch {
	case v.Type() == secretType:
		if text := v.String(); text != "" {
			found = append(found, text)
		}
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			found = secretsIn(v.Elem())
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				found = append(found, secretsIn(v.Field(i))...)
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			found = append(found, secretsIn(v.Index(i))...)
		}
	case v.Kind() == reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			found = append(found, secretsIn(entry.Value())...)
		}
	}
	return found
}

// passwords returns what a URL may hold before its host.
func passwords(urls ...diag.Text) (found []string) {
	for _, text := range urls {
		u, err := url.Parse(text.Value)
		if err != nil {
			continue // said when the scenario was checked
		}
		if password, _ := u.User.Password(); password != "" {
			found = append(found, password, url.UserPassword("", password).String()[1:],
				base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
		}
	}
	return found
}
