package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"time"

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

// isURL reports whether an argument is a URL and no name of a scenario.
func isURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// getSources returns the scenario that a URL makes. Its metrics are those that the service is found
// to have at /metrics, unless metrics says where they are.
func getSources(ctx context.Context, address, metrics string) (*sources, error) {
	var found diag.List
	scenarios.CheckURL(diag.FlagText("--url", address), &found)
	if len(found) > 0 {
		return nil, found.Err()
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, usage(fmt.Errorf("--url: %w", err))
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
		if _, err := exposed(ctx, []string{base.String() + metrics}); err != nil {
			metrics = scenarios.NoMetrics
		}
	}
	text := fmt.Sprintf(getScenario, literal(base.String()), literal(metrics), literal(get))
	s := newSources(getFile, false)
	s.scenario.from = single{getFile, text}
	return s, nil
}

// literal quotes a text for YAML, without references or templates in it.
func literal(text string) string {
	text = strings.ReplaceAll(text, "${", "$${")
	return strconv.Quote(strings.ReplaceAll(text, "{{", "%7B%7B"))
}

// anotherService refuses to send one service's requests to another.
func anotherService(name, address string) error {
	return usage(fmt.Errorf(`--url: %s sends the requests of the bundled service, which another service does not know.
Leave the scenario out to send GET of that URL, or write one, such as my-service.yaml:
  target: {url: %q}
  stages: [{rate: 20, duration: 10s}]
  requests: [{get: /}]`, name, address))
}

// single is a file system of one file.
type single struct{ name, text string }

// Open implements fs.FS.
func (s single) Open(name string) (fs.File, error) {
	if name != s.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &page{bytes.NewReader([]byte(s.text)), s}, nil
}

// The file's own description.
func (s single) Name() string     { return s.name }
func (s single) Size() int64      { return int64(len(s.text)) }
func (single) Mode() fs.FileMode  { return 0o444 }
func (single) ModTime() time.Time { return time.Time{} }
func (single) IsDir() bool        { return false }
func (single) Sys() any           { return nil }
