package main

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/expected"
	"brrtload/internal/tier"
)

// troubles are how the endpoint of each row in docs/endpoints.md misbehaves.
var troubles = map[string]func(f *fixture, w http.ResponseWriter, r *http.Request){
	"it hangs": func(_ *fixture, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"it hangs in the middle of the load, over the edge of a stage": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		if f.passed(endOfWarmup) {
			f.once.Do(func() { <-r.Context().Done() })
		}
		f.expose(w, r)
	},
	"it takes 100 ms, less than the interval": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		time.Sleep(100 * time.Millisecond)
		f.expose(w, r)
	},
	"it takes 600 ms, more than the interval": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		time.Sleep(600 * time.Millisecond)
		f.expose(w, r)
	},
	"401, and no credentials were given":                  wantsCredentials,
	"401 without the credentials that the scenario gives": wantsCredentials,
	"404": func(_ *fixture, w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
	"500 always": func(_ *fixture, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	},
	"500 once, at the baseline": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		if f.scrapes.Add(1) == 4 { // one before the floor, and two that show that it is at rest
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		f.expose(w, r)
	},
	"500 once under load, not at an edge": once500,
	// the scrape after the warm-up's edge is the next edge: see scrapeSettings
	"500 at the edge of a stage": once500,
	"500 from the end of the load on": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		if f.into() > loadTime-300*time.Millisecond {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		f.expose(w, r)
	},
	"no answer from the end of the load on": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		if f.into() > loadTime-300*time.Millisecond {
			panic(http.ErrAbortHandler)
		}
		f.expose(w, r)
	},
	"the body ends before its length": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10000")
		f.expose(w, r)
	},
	"the body ends within a line": func(f *fixture, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", text)
		_, _ = io.WriteString(w, strings.TrimSuffix(f.exposition(), "\n"))
	},
	"garbage among the lines": func(f *fixture, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", text)
		lines := strings.SplitAfter(f.exposition(), "\n")
		_, _ = io.WriteString(w, strings.Join(lines[:3], "")+"\x1b]0;title\x07 garbage {{{\n"+strings.Join(lines[3:], ""))
	},
	"200 MB": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		f.expose(w, r)
		comment := []byte(strings.Repeat("# and so on, and so on, and so on\n", 1<<15))
		for range 200 << 20 / len(comment) {
			if _, err := w.Write(comment); err != nil {
				return
			}
		}
	},
	"a page for people (text/html)": func(_ *fixture, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<html><script>alert(1)</script></html>")
	},
	"no Content-Type": func(f *fixture, w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		_, _ = io.WriteString(w, f.exposition())
	},
	"text/plain without a version": func(f *fixture, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, f.exposition())
	},
	"gzip, though identity was asked for": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		f.expose(w, r)
	},
	"a redirect on the same host": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			http.Redirect(w, r, "/metrics?format=prometheus", http.StatusFound)
			return
		}
		f.expose(w, r)
	},
	"a redirect to another host": func(_ *fixture, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://metrics.example/metrics", http.StatusFound)
	},
	"the same series twice": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		f.expose(w, r)
		_, _ = io.WriteString(w, "fixture_requests_total{status=\"200\"} 5\n")
	},
	"the process restarts under load": func(f *fixture, w http.ResponseWriter, r *http.Request) {
		if f.passed(endOfWarmup) {
			f.once.Do(f.restart)
		}
		f.expose(w, r)
	},
	// Requests of other clients come as one would see them come: by the time between two scrapes.
	"other clients call the service at 20/s, and an identity reads what they move": func(f *fixture, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", text)
		f.mu.Lock()
		n := f.hits
		f.mu.Unlock()
		all := n + int(20*time.Since(f.started).Seconds())
		_, _ = io.WriteString(w, strings.Replace(f.exposition(), fmt.Sprintf("} %d\n", n), fmt.Sprintf("} %d\n", all), 1))
	},
	"other clients call the service, and no assertion reads what they move": func(f *fixture, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", text)
		_, _ = fmt.Fprintf(w, "%s# TYPE others_total counter\nothers_total %d\n", f.exposition(), time.Since(f.started).Milliseconds())
	},
}

func wantsCredentials(f *fixture, w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != "ann" || password != "endpoint-pass" {
		http.Error(w, "\x1b[31mwho are you?", http.StatusUnauthorized)
		return
	}
	f.expose(w, r)
}

// once500 fails once, after the edge of the warm-up.
func once500(f *fixture, w http.ResponseWriter, r *http.Request) {
	if f.passed(endOfWarmup) {
		f.once.Do(func() { w.WriteHeader(http.StatusInternalServerError) })
	}
	f.expose(w, r) // to which a status already written makes no difference
}

// scrapeSettings are what the scenarios of some rows say besides.
var scrapeSettings = map[string]string{
	"401 without the credentials that the scenario gives": "scrape: {http: {basic_auth: {username: ann, password: endpoint-pass}}}\n",
	"500 at the edge of a stage":                          "scrape: {interval: 1m}\n", // none between the edges
}

// TestEndpointTroubles makes every trouble of docs/endpoints.md, and the run must end as the page says.
func TestEndpointTroubles(t *testing.T) {
	tier.Long(t)
	requireTroubles(t, expected.Endpoints, len(troubles)+1, "endpoint-pass", func(name string, f *fixture) string {
		yaml := fmt.Sprintf("target: {url: %s}\n", f.URL) + scenario
		switch trouble := troubles[name]; {
		case trouble != nil:
			f.scraped = func(w http.ResponseWriter, r *http.Request) { trouble(f, w, r) }
		default:
			require.Equal(t, "nothing listens at the endpoint's address", name, "no such trouble is made")
			yaml = fmt.Sprintf("target: {url: %s, metrics: 'http://127.0.0.1:1/metrics'}\n", f.URL) + scenario
		}
		return yaml + scrapeSettings[name]
	})
}

// unwrapped joins the lines of a report, which are broken where the terminal's width says.
func unwrapped(report string) string { return strings.Join(strings.Fields(report), " ") }

// requireNowhere wants a text in none of a directory's files.
func requireNowhere(t *testing.T, dir, secret string) {
	t.Helper()
	for name, body := range contents(t, dir) {
		require.NotContains(t, body, secret, name)
	}
}

func peak(state *os.ProcessState) int64 { return state.SysUsage().(*syscall.Rusage).Maxrss << 10 }

// contents returns what a directory holds, by path.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		all[path] = string(body)
		return err
	}))
	return all
}
