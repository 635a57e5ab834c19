package suite

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"brrtload/internal/diag"
	"brrtload/scenarios"
)

// getScenario is what a run sends that has a URL and no scenario: GET of that URL, at a modest
// rate, judged by what the client saw. A run keeps it like any other.
const (
	getScenario = `# brrtload run --url: write your own scenario from here; see docs/scenarios.md.
name: get
target: {url: %s, metrics: %s}
stages: [{rate: 20, duration: 10s}]
requests: [{get: %s}]
assert: [client]
`
	getFile = "get.yaml"
)

// IsURL reports whether an argument is a URL and no name of a scenario.
func IsURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// Get returns the source of the scenario that a URL makes. Its metrics are those that the service
// is found to have at /metrics, by asking exposes, unless metrics says where they are. The error is
// a [diag.List] or a [diag.Mistake].
func Get(address, metrics string, exposes func(url string) bool) (*Source, error) {
	var found diag.List
	scenarios.CheckURL(diag.FlagText("--url", address), &found)
	if len(found) > 0 {
		return nil, found.Err()
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, diag.Mistakef("--url: %w", err)
	}
	base := url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
	get := u.EscapedPath()
	if get == "" {
		get = "/"
	}
	if u.RawQuery != "" {
		get += "?" + u.RawQuery
	}
	if metrics == "" {
		metrics = "/metrics"
		if !exposes(base.String() + metrics) {
			metrics = scenarios.NoMetrics
		}
	}
	text := fmt.Sprintf(getScenario, literal(base.String()), literal(metrics), literal(get))
	return Text(getFile, text), nil
}

// literal quotes a text for YAML, without references or templates in it.
func literal(text string) string {
	text = strings.ReplaceAll(text, "${", "$${")
	return strconv.Quote(strings.ReplaceAll(text, "{{", "%7B%7B"))
}

// AnotherService refuses to send one service's requests to another.
func AnotherService(name, address string) error {
	return diag.Mistakef(`--url: %s sends the requests of the bundled service, which another service does not know.
Leave the scenario out to send GET of that URL, or write one, such as my-service.yaml:
  target: {url: %q}
  stages: [{rate: 20, duration: 10s}]
  requests: [{get: /}]`, name, address)
}
