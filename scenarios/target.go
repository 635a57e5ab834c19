package scenarios

import (
	"net/url"
	"reflect"
	"time"

	"github.com/prometheus/common/config"

	"brrtload/internal/diag"
)

// Target is the service under test: the bundled one, a command to start, or a URL where it already runs.
type Target struct {
	At      diag.Position `yaml:",position"`
	Bundled *Bundled      `yaml:"bundled"`
	Command []string      `yaml:"command"`
	URL     diag.Text     `yaml:"url"`     // where hits go; the bundled target announces its own
	Ready   string        `yaml:"ready"`   // path that answers 200 when the target is ready; "/ready" for the bundled one
	Metrics diag.Text     `yaml:"metrics"` // URL or path of its metrics; "/metrics" by default
}

// Bundled is how the bundled target service is started.
type Bundled struct {
	Args   []string          `yaml:"args"`
	Faults map[string]string `yaml:"faults"` // fault to its setting
}

// Scrape is how the target's telemetry is read.
type Scrape struct {
	Interval  time.Duration `yaml:"interval"`
	HTTP      Client        `yaml:"http"`      // how the target's own endpoint is reached
	Endpoints []Endpoint    `yaml:"endpoints"` // besides the target's own
}

// DefaultScrapeInterval is the interval of a scenario that does not say.
const DefaultScrapeInterval = 250 * time.Millisecond

// Endpoint is a further place to scrape.
type Endpoint struct {
	Name diag.Text `yaml:"name,required"`
	URL  diag.Text `yaml:"url,required"`
	HTTP Client    `yaml:"http"`
}

// Client is how an endpoint is reached: TLS, credentials and proxy, in the words of a Prometheus configuration file.
type Client struct {
	config.HTTPClientConfig
	given bool
}

// UnmarshalNode implements diag.Unmarshaler.
func (c *Client) UnmarshalNode(n diag.Node) error {
	*c = Client{config.DefaultHTTPClientConfig, true}
	return n.Load(&c.HTTPClientConfig)
}

// Settings gives the configuration; where the scenario says nothing, Prometheus's default, which follows redirects.
func (c Client) Settings() config.HTTPClientConfig {
	if !c.given {
		return config.DefaultHTTPClientConfig
	}
	return c.HTTPClientConfig
}

// secrets gives every secret text of the configuration.
func (c Client) secrets() []string { return secretsIn(reflect.ValueOf(c.HTTPClientConfig)) }

var secretType = reflect.TypeFor[config.Secret]()

// secretsIn finds the values of the type that the configuration's library has for secrets: what it adds to its settings is not forgotten here.
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

// passwords gives what a URL may hold before its host.
func passwords(urls ...diag.Text) (found []string) {
	for _, text := range urls {
		u, err := url.Parse(text.Value)
		if err != nil {
			continue // said when the scenario was checked
		}
		if password, _ := u.User.Password(); password != "" {
			found = append(found, password, url.UserPassword("", password).String()[1:])
		}
	}
	return found
}

func (s *Scenario) checkTarget(found *diag.List) {
	t := s.Target
	started := 0
	for _, given := range []bool{t.Bundled != nil, t.URL.Value != ""} {
		if given {
			started++
		}
	}
	switch {
	case t.At == (diag.Position{}): // missing, and said so already
	case started != 1:
		*found = append(*found, s.at(t.At, `a target is either "bundled" or has a "url"`))
	case t.Bundled != nil && len(t.Command) > 0:
		*found = append(*found, s.at(t.At, `the bundled target is started without a "command"`))
	}
	checkURL(t.URL, false, found)
	checkURL(t.Metrics, true, found)
	if s.Scrape.Interval <= 0 {
		*found = append(*found, s.at(s.start(), "scrape interval must be above 0"))
	}
	names := map[string]bool{}
	for _, e := range s.Scrape.Endpoints {
		checkURL(e.URL, false, found)
		if names[e.Name.Value] {
			*found = append(*found, e.Name.Errorf("endpoint %q is given twice", e.Name.Value))
		}
		names[e.Name.Value] = true
	}
}

// checkURL wants an absolute http URL, or a path where one may stand.
func checkURL(text diag.Text, path bool, found *diag.List) {
	if text.Value == "" {
		return
	}
	u, err := url.Parse(text.Value)
	switch {
	case err != nil:
		*found = append(*found, text.Errorf("not a URL: %v", err))
	case path && u.Scheme == "" && len(u.Path) > 0 && u.Path[0] == '/':
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		*found = append(*found, text.Errorf("want a URL like http://127.0.0.1:8080"))
	}
}
