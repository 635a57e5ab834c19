package scrape

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"
)

const good = "# HELP a A level.\n# TYPE a gauge\na 1\n"

// answer makes a handler that answers a body of a type.
func answer(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{contentType}
		_, _ = w.Write([]byte(body))
	}
}

func TestTroublesAreNamed(t *testing.T) {
	for name, row := range map[string]struct {
		handler http.HandlerFunc
		timeout time.Duration
		max     int64
		want    string // after "scrape URL: "; the part after … in any case
	}{
		"slow": {timeout: 100 * time.Millisecond, handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", text)
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte(good))
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(20 * time.Millisecond):
				}
			}
		}, want: "no complete answer in 100ms: it is slow or hangs; a longer timeout, or a faster endpoint"},
		"hung": {timeout: 100 * time.Millisecond, handler: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			want: "no complete answer in 100ms: it is slow or hangs; a longer timeout, or a faster endpoint"},
		"401": {handler: func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "who\x1b[31m are you?", http.StatusUnauthorized)
		},
			want: "status 401: it wants credentials: give the scenario scrape: {http: {basic_auth: {username: …, password: …}}} or authorization: {credentials: …} (it says \"who\uFFFD[31m are you?\")"},
		"404": {handler: http.NotFound,
			want: `status 404: no exposition at this path; /metrics is usual (it says "404 page not found")`},
		"500": {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, want: "status 500"},
		"cut short of its length": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", text)
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(good))
		}, want: "the body was cut short after 37 bytes"},
		"cut short in a chunk": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", text)
			_, _ = w.Write([]byte(good))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, want: "the body was cut short after 37 bytes"},
		"cut short in a line": {handler: answer(text, good+"b 1"),
			want: "line 4: the last line has no line feed: the exposition was cut short"},
		"OpenMetrics cut short": {handler: answer("application/openmetrics-text; version=1.0.0", good),
			want: "line 4: data does not end with # EOF"},
		"garbage": {handler: answer(text, good+"\x00\x01\x02 garbage\n"),
			want: "line 4: a NUL byte"},
		"garbage later": {handler: answer(text, good+strings.Repeat("a{b=\"1\"} 2\n\n", 20)+"b{c=\"d} 3\n"),
			want: "line 44: "},
		"a value that is no number": {handler: answer(text, good+"\nb one\n"),
			want: "line 5: "},
		"garbage as protobuf": {handler: answer("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited", "\x05hello"),
			want: "entry 1: "},
		"200 MB": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", text)
			part := []byte(strings.Repeat("# just a comment that goes on\n", 1<<15))
			for sent := 0; sent < 200<<20; sent += len(part) {
				if _, err := w.Write(part); err != nil {
					return
				}
			}
		}, max: 8 << 20, want: "the body is larger than 8388608 bytes, which is too much for one scrape; expose less"},
		"200 MB announced": {handler: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", fmt.Sprint(200<<20)) },
			want: "the body is larger than 67108864 bytes, which is too much for one scrape; expose less"},
		"HTML": {handler: answer("text/html; charset=utf-8", "<html>"),
			want: `content type "text/html; charset=utf-8" is not an exposition; is this the metrics endpoint?`},
		"JSON": {handler: answer("application/json", "{}"),
			want: `content type "application/json" is not an exposition; is this the metrics endpoint?`},
		"no content type": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = w.Write([]byte(good))
		},
			want: "the answer has no Content-Type; Prometheus 3 refuses it too. Text must be text/plain; version=0.0.4"},
		"a content type that is none": {handler: answer("text/plain; version", good),
			want: `content type "text/plain; version": mime: invalid media parameter`},
		"OpenMetrics 2": {handler: answer("application/openmetrics-text; version=2.0.0", good),
			want: "content type \"application/openmetrics-text; version=2.0.0\": "},
		"gzip all the same": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("x"))
		}, want: `it answers with content encoding "gzip" though identity was asked for`},
		"empty": {handler: answer(text, ""), want: "the exposition has no series"},
		"redirects without end": {handler: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) },
			want: "more than 3 redirects"},
		"redirect to another host": {handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://metrics.example/metrics", http.StatusFound)
		}, want: "it redirects to another host, metrics.example: give that one as the endpoint"},
		"too many labels": {handler: answer(text, good+"b{"+manyLabels(65)+"} 1\n"), want: "line 4: a series with 65 labels; 64 at most"},
		"a long value":    {handler: answer(text, "b{c=\""+strings.Repeat("x", 20000)+"\"} 1\n"), want: "line 1: a value of label c longer than 16384 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(row.handler)
			defer server.Close()
			e, err := New(Target{
				URL: server.URL + "/metrics", HTTP: config.DefaultHTTPClientConfig, Timeout: row.timeout, MaxBytes: row.max,
			}, newStore(t))
			require.NoError(t, err)
			defer e.Close()
			r, err := tryScrape(t, e, 0)
			require.ErrorContains(t, err, "scrape "+server.URL+"/metrics: "+row.want)
			require.Equal(t, err, r.Err)
			require.NotContains(t, err.Error(), "\x1b")
			require.Less(t, len(err.Error()), 1000)
			require.Empty(t, e.store.Families(window(-1, 1)), "nothing of a failed scrape is recorded")
		})
	}
}

func manyLabels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "l%d=\"x\",", i)
	}
	return b.String()
}

func TestRefusedConnectionsAreNamed(t *testing.T) {
	server := httptest.NewServer(answer(text, good))
	server.Close()
	e, err := New(Target{URL: server.URL}, newStore(t))
	require.NoError(t, err)
	_, err = tryScrape(t, e, 0)
	require.ErrorContains(t, err, "connect: connection refused")
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusMovedPermanently))
	defer server.Close()
	e, err := New(Target{URL: server.URL}, newStore(t))
	require.NoError(t, err)
	_, err = tryScrape(t, e, 0)
	require.ErrorContains(t, err, `status 301: it redirects to "/elsewhere"; give that as the endpoint, or follow redirects`)
}

func TestRedirectsOnTheSameHostAreFollowed(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/metrics", http.RedirectHandler("/metrics/", http.StatusMovedPermanently))
	mux.Handle("/metrics/", answer("text/plain", good))
	server := httptest.NewServer(mux)
	defer server.Close()
	e, err := New(Target{URL: server.URL + "/metrics", HTTP: config.DefaultHTTPClientConfig}, newStore(t))
	require.NoError(t, err)
	r := scrape(t, e, 0)
	require.Equal(t, 1, r.Series)
	require.True(t, r.Unversioned, "text/plain without a version")
}

func TestSecretsStayOutOfMessages(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	e, err := New(Target{URL: strings.Replace(server.URL, "http://", "http://user:hunter2@", 1)}, newStore(t))
	require.NoError(t, err)
	_, err = tryScrape(t, e, 0)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
	for _, address := range []string{"http://user:hunter2@:/%zz", "ftp://user:hunter2@host/metrics"} {
		_, err = New(Target{URL: address}, newStore(t))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestCredentialsAreSent(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "u" || password != "p" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(text, good)(w, r)
	}))
	defer server.Close()
	settings := config.DefaultHTTPClientConfig
	settings.BasicAuth = &config.BasicAuth{Username: "u", Password: "p"}
	e, err := New(Target{URL: server.URL, HTTP: settings}, newStore(t))
	require.NoError(t, err)
	require.Equal(t, 1, scrape(t, e, 0).Series)
}

func TestAnEndpointThatComesBackIsReadOn(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		answer(text, "# TYPE c_total counter\nc_total 5\n")(w, r)
	}))
	defer server.Close()
	e, err := New(Target{URL: server.URL}, newStore(t))
	require.NoError(t, err)
	scrape(t, e, 0)
	status = http.StatusInternalServerError
	_, err = tryScrape(t, e, 1)
	require.Error(t, err)
	status = http.StatusOK
	scrape(t, e, 2)
	require.Equal(t, map[string]float64{`{__name__="c_total"}`: 5}, ask(t, e.store, "c_total", window(0, 2)))
}
