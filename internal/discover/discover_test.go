package discover_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/discover"
	"brrtload/internal/discover/instrumented"
	"brrtload/internal/discover/written"
)

// learn carries the experiment out on a service.
func learn(t *testing.T, service http.Handler, change func(*discover.Options)) *discover.Learned {
	t.Helper()
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	o := discover.Options{URL: server.URL, Paths: []string{instrumented.Items, instrumented.Slow}}
	if change != nil {
		change(&o)
	}
	l, err := discover.Run(t.Context(), o)
	require.NoError(t, err)
	require.LessOrEqual(t, l.Sent, discover.MaxHits)
	return l
}

func TestWhatIsLearned(t *testing.T) {
	t.Parallel()
	const count = "http_requests_total"
	cases := map[string]struct {
		service func() http.Handler
		check   func(t *testing.T, l *discover.Learned)
	}{
		"by code and method": {instrumented.Codes, func(t *testing.T, l *discover.Learned) {
			c := l.Counter
			require.Equal(t, []any{count, "code", discover.Codes, "method", ""},
				[]any{c.Name, c.Status, c.Form, c.Method, c.Route})
			require.Equal(t, []float64{13, 5, 7, 11, 17}, counts(c))
			require.Zero(t, c.PerScrape)
			require.Equal(t, "http_request_duration_seconds", l.Duration.Family)
			require.Equal(t, "s", l.Duration.Unit)
			require.True(t, l.Duration.Buckets && l.Duration.Confirmed && l.Duration.TimesAll(c))
			require.Equal(t, "http_requests_in_flight", l.InFlight.Name)
		}},
		"scrapes are counted and no label distinguishes them": {
			instrumented.CountsScrapes,
			func(t *testing.T, l *discover.Learned) {
				require.Equal(t, discover.Scrapes{PerScrape: 1}, l.Counter.Scrapes)
				require.Equal(t, []float64{13, 5, 7, 11, 17}, counts(l.Counter))
				require.Nil(t, l.Duration)
			},
		},
		"by class, scrapes and unmatched paths with handlers of their own": {
			instrumented.Classes,
			func(t *testing.T, l *discover.Learned) {
				c := l.Counter
				require.Equal(t, []any{count, "status", discover.Classes, "method", "handler"},
					[]any{c.Name, c.Status, c.Form, c.Method, c.Route})
				require.Equal(t, discover.Scrapes{PerScrape: 1, Label: "handler", Value: "/metrics"}, c.Scrapes)
				require.Equal(t, "none", c.Folded)
				require.False(t, c.Raw)
				require.Equal(t, "ms", l.Duration.Unit)
			},
		},
		"one total": {instrumented.Total, func(t *testing.T, l *discover.Learned) {
			require.Equal(t, []any{count, ""}, []any{l.Counter.Name, l.Counter.Status})
			require.Equal(t, []float64{13, 5, 7, 11, 17}, counts(l.Counter))
		}},
		"unmatched paths and HEAD are left out, in a summary": {
			instrumented.LeavesOut,
			func(t *testing.T, l *discover.Learned) {
				c := l.Counter
				require.Equal(t, []any{"http_server_requests_seconds_count", "status", "uri"},
					[]any{c.Name, c.Status, c.Route})
				require.Equal(t, []float64{13, 0, 0, 11, 17}, counts(c))
				require.False(t, l.Duration.Buckets)
			},
		},
		"a series for each path, in an old exposition": {instrumented.Raw, func(t *testing.T, l *discover.Learned) {
			require.True(t, l.Counter.Raw)
			require.Equal(t, "path", l.Counter.Route)
			require.Equal(t, []float64{13, 5, 7, 11, 17}, counts(l.Counter))
			require.Greater(t, l.Age, 100*time.Millisecond)
		}},
	}
	var mu sync.Mutex
	var learning sync.WaitGroup // all at once: they wait most of the time
	learned := map[string]*discover.Learned{}
	for name, c := range cases {
		learning.Go(func() {
			l := learn(t, c.service(), nil)
			mu.Lock()
			defer mu.Unlock()
			learned[name] = l
		})
	}
	learning.Wait()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.NotNil(t, learned[name].Counter)
			c.check(t, learned[name])
		})
	}
}

// counts returns how many known, unmatched, HEAD, OPTIONS and other-Host requests were counted.
func counts(c *discover.Counter) (all []float64) {
	for _, kind := range []string{discover.Known, discover.Unmatched, discover.Head, discover.Asked, discover.OtherHost} {
		all = append(all, c.Counts[kind])
	}
	return all
}

// What cannot be found is an error that names the flag.
func TestWhatCannotBeFound(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	exposing := httptest.NewServer(instrumented.Silent()) // and no usual path
	defer exposing.Close()
	for name, c := range map[string]struct {
		options discover.Options
		want    error
		says    string
	}{
		"no URL":             {discover.Options{URL: "127.0.0.1:8080"}, discover.ErrUsage, "want http://host:port"},
		"nobody listens":     {discover.Options{URL: closed.URL}, discover.ErrUnreachable, "is the service running?"},
		"no metrics there":   {discover.Options{URL: server.URL, Metrics: "/metrics", Paths: []string{"/"}}, discover.ErrUnreachable, "404"},
		"no usual path":      {discover.Options{URL: exposing.URL}, discover.ErrUsage, "--path"},
		"no document":        {discover.Options{URL: exposing.URL, OpenAPI: "missing.yaml"}, discover.ErrUsage, "--openapi missing.yaml"},
		"a password in it":   {discover.Options{URL: "http://user:secret@127.0.0.1:9"}, discover.ErrUsage, "credentials"},
		"path is no path":    {discover.Options{URL: exposing.URL, Paths: []string{"/a b\x7f"}}, discover.ErrUsage, "--path"},
		"too many paths":     {discover.Options{URL: exposing.URL, Paths: make([]string, 7)}, discover.ErrUsage, "at most 6"},
		"metrics, no number": {discover.Options{URL: exposing.URL, Metrics: instrumented.Items, Paths: []string{"/"}}, discover.ErrUnreachable, "metrics endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := discover.Run(t.Context(), c.options)
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

// Paths come from an OpenAPI document: those with a GET that needs nothing but what the document
// has an example for.
func TestPathsOfADocument(t *testing.T) {
	t.Parallel()
	document := filepath.Join(t.TempDir(), "openapi.yaml")
	require.NoError(t, os.WriteFile(document, []byte(`
openapi: 3.0.3
info: {title: items, version: "1"}
paths:
  /{kind}:
    get:
      parameters: [{name: kind, in: path, required: true, example: items, schema: {type: string}}]
      responses: {"200": {description: fine}}
  /slow/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: fine}}
  /metrics:
    get: {responses: {"200": {description: fine}}}
  /private:
    get: {security: [{key: []}], responses: {"200": {description: fine}}}
  /orders:
    post: {responses: {"201": {description: made}}}
`), 0o644))
	l := learn(t, instrumented.Silent(), func(o *discover.Options) { o.Paths, o.OpenAPI = nil, document })
	require.Equal(t, []discover.Path{{Path: instrumented.Items, Status: 200}}, l.Paths)
	require.Nil(t, l.Counter)
	require.Contains(t, written.Scenario(l, "items"), "no metric of the service counted the requests")
}

func TestLimit(t *testing.T) {
	for measured, want := range map[time.Duration]time.Duration{
		0: 100 * time.Millisecond, 4 * time.Millisecond: 100 * time.Millisecond, 34 * time.Millisecond: 200 * time.Millisecond,
		250 * time.Millisecond: 2 * time.Second, 2 * time.Second: 10 * time.Second,
	} {
		require.Equal(t, want, discover.Limit(measured), "of %s", measured)
	}
}
