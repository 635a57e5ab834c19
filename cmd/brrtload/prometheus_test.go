package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/expected"
	"brrtload/internal/tier"
)

// keeperTroubles are how the server of each row in docs/prometheus.md misbehaves. A change is made
// before it begins to scrape.
var keeperTroubles = map[string]struct {
	change   func(k *keeper, f *fixture)
	settings string // of the scenario, besides
	yaml     string // after the scenario
}{
	"it answers": {},
	"401, and no credentials were given": {change: answersAlways(func(w http.ResponseWriter) {
		http.Error(w, "\x1b[31mwho are you?", http.StatusUnauthorized)
	})},
	"401 without the credentials that the scenario gives": {settings: ", http: {authorization: {credentials: keeper-token}}",
		change: func(k *keeper, _ *fixture) { k.token = "keeper-token" }},
	"403": {change: answersAlways(answering(http.StatusForbidden))},
	"404": {change: answersAlways(answering(http.StatusNotFound))},
	"422 for the samples, as when they are more than the server permits": {change: forSamples(0, func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}`)
	})},
	"429 always": {change: answersAlways(answering(http.StatusTooManyRequests))},
	"503 always": {change: answersAlways(answering(http.StatusServiceUnavailable))},
	"503 once":   {change: answersOnce(answering(http.StatusServiceUnavailable))},
	"it hangs":   {change: answersAlways(func(http.ResponseWriter) { time.Sleep(25 * time.Second) })},
	"a page for people (text/html)": {change: answersAlways(func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><script>alert(1)</script></html>")
	})},
	"the answer is cut short": {change: answersAlways(func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "10000")
		_, _ = io.WriteString(w, `{"status":`)
	})},
	"a redirect to another host": {change: answersAlways(func(w http.ResponseWriter) {
		w.Header().Set("Location", "http://prometheus.example/api/v1/query")
		w.WriteHeader(http.StatusFound)
	})},
	"no series matches": {change: func(k *keeper, _ *fixture) {
		k.scraped = func(string) (bool, bool) { return true, false }
	}},
	"only results of recording rules match": {change: func(k *keeper, _ *fixture) { k.rules = true }},
	"two jobs scrape the service": {change: func(k *keeper, _ *fixture) {
		k.labels, k.again = map[string]string{"job": "shop"}, map[string]string{"job": "pods"}
	}},
	"two servers scrape it, and nothing merges their series": {change: func(k *keeper, _ *fixture) {
		k.labels, k.again = map[string]string{"replica": "a"}, map[string]string{"replica": "b"}
	}},
	"its clock is an hour ahead": {change: func(k *keeper, _ *fixture) { k.ahead = time.Hour }},
	"it cannot scrape the service once under load": {change: func(k *keeper, f *fixture) {
		k.scraped = func(string) (bool, bool) {
			down := f.into() > loadTime/2
			if down {
				f.once.Do(func() { k.gaps = 2 })
			}
			if down && k.gaps > 0 {
				k.gaps--
				return false, true
			}
			return true, true
		}
	}},
	"it scrapes the service no longer from the end of the load on": {change: func(k *keeper, f *fixture) {
		k.scraped = func(string) (bool, bool) { return true, f.into() < loadTime-300*time.Millisecond }
	}},
	"it is gone after the load": {change: func(k *keeper, f *fixture) {
		k.trouble = func(_ *keeper, w http.ResponseWriter, _ string, inner http.Handler) {
			if f.into() > loadTime-300*time.Millisecond {
				panic(http.ErrAbortHandler)
			}
			inner.ServeHTTP(w, nil)
		}
	}},
	"the samples come with a warning that they are partial": {change: func(k *keeper, f *fixture) {
		k.trouble = func(_ *keeper, w http.ResponseWriter, query string, inner http.Handler) {
			if f.into() > loadTime/2 && strings.HasSuffix(query, "ms]") {
				k.warning = "a store is unavailable: partial response"
			}
			inner.ServeHTTP(w, nil)
		}
	}},
	"the process restarts under load": {change: func(k *keeper, f *fixture) {
		k.scraped = func(string) (bool, bool) {
			if f.into() > loadTime/2 {
				f.once.Do(f.restart)
			}
			return true, true
		}
	}},
	"the service counts each request twice": {change: func(_ *keeper, f *fixture) { f.served = f.count }},
	"other clients call the service at 20/s": {change: func(k *keeper, f *fixture) {
		k.others, k.past = 20, 20*time.Second
	}},
	"a stage is shorter than three scrapes": {change: func(k *keeper, _ *fixture) { k.each = time.Second }},
}

func answering(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

func answersAlways(answer func(http.ResponseWriter)) func(*keeper, *fixture) {
	return func(k *keeper, _ *fixture) {
		k.trouble = func(_ *keeper, w http.ResponseWriter, _ string, _ http.Handler) { answer(w) }
	}
}

func answersOnce(answer func(http.ResponseWriter)) func(*keeper, *fixture) {
	return func(k *keeper, f *fixture) {
		k.trouble = func(_ *keeper, w http.ResponseWriter, _ string, inner http.Handler) {
			did := false
			f.once.Do(func() { did = true; answer(w) })
			if !did {
				inner.ServeHTTP(w, nil)
			}
		}
	}
}

// forSamples answers range selectors so, from the nth on.
func forSamples(from int, answer func(http.ResponseWriter)) func(*keeper, *fixture) {
	return func(k *keeper, _ *fixture) {
		k.trouble = func(_ *keeper, w http.ResponseWriter, query string, inner http.Handler) {
			if from--; strings.HasSuffix(query, "ms]") && from < 0 {
				answer(w)
				return
			}
			inner.ServeHTTP(w, nil)
		}
	}
}

// TestPrometheusTroubles makes every trouble of docs/prometheus.md, and the run must end as the page says.
func TestPrometheusTroubles(t *testing.T) {
	tier.Long(t)
	requireTroubles(t, expected.Prometheus, len(keeperTroubles)+1, "keeper-token", func(name string, f *fixture) string {
		trouble, made := keeperTroubles[name]
		if !made {
			require.Equal(t, "nothing listens at the server's address", name, "no such trouble is made")
			return fmt.Sprintf("target: {url: %s}\nscrape: {prometheus: {url: 'http://127.0.0.1:1', match: '{job=\"shop\"}'}}\n", f.URL) + scenario
		}
		k := keep(t, func(k *keeper) {
			if trouble.change != nil {
				trouble.change(k, f)
			}
		}, f)
		return k.through(f, trouble.settings) + trouble.yaml
	})
}
