// Package instrumented has small services for tests, each instrumented in one of the ways in which
// real ones are.
package instrumented

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Paths that every service here answers with 200. The second one takes 20 ms.
const (
	Items = "/items"
	Slow  = "/slow"
)

// Codes counts by code and method what passes its router, scrapes left out, as
// promhttp.InstrumentHandlerCounter does. It has a histogram and a gauge of requests in flight.
func Codes() http.Handler {
	registry := prometheus.NewRegistry()
	count := counter(registry, "code", "method")
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "http_request_duration_seconds",
		Help: "Durations."}, nil)
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "http_requests_in_flight", Help: "Requests in flight."})
	registry.MustRegister(duration, gauge)
	handler := promhttp.InstrumentHandlerInFlight(gauge, promhttp.InstrumentHandlerDuration(duration,
		promhttp.InstrumentHandlerCounter(count, routes())))
	return exposing(registry, handler)
}

// CountsScrapes is [Codes] around everything, its own exposition too, and no label distinguishes
// it.
func CountsScrapes() http.Handler {
	registry := prometheus.NewRegistry()
	return promhttp.InstrumentHandlerCounter(counter(registry, "code", "method"), exposing(registry, routes()))
}

// Classes counts by class (2xx) and handler, scrapes as a handler of their own, unmatched paths as
// the handler "none"; as prometheus-fastapi-instrumentator does. Its histogram has no unit in its
// name, and is in milliseconds.
func Classes() http.Handler {
	registry := prometheus.NewRegistry()
	count := counter(registry, "status", "handler", "method")
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "http_request_duration_milliseconds",
		Help:    "Durations.",
		Buckets: []float64{1, 5, 25, 100, 500}}, []string{"handler"})
	registry.MustRegister(duration)
	return observed(exposing(registry, routes()), func(r *http.Request, status int, took time.Duration) {
		handler := r.URL.Path
		if status == http.StatusNotFound {
			handler = "none"
		}
		count.WithLabelValues(strconv.Itoa(status/100)+"xx", handler, r.Method).Inc()
		duration.WithLabelValues(handler).Observe(1000 * took.Seconds())
	})
}

// Total counts everything but scrapes, by nothing.
func Total() http.Handler {
	registry := prometheus.NewRegistry()
	count := counter(registry)
	return exposing(registry, observed(routes(), func(*http.Request, int, time.Duration) { count.WithLabelValues().Inc() }))
}

// LeavesOut counts matched routes only, and no HEAD; by status, outcome and uri, in a summary, as
// Micrometer does.
func LeavesOut() http.Handler {
	registry := prometheus.NewRegistry()
	summary := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "http_server_requests_seconds",
		Help: "Durations."},
		[]string{"method", "outcome", "status", "uri"})
	registry.MustRegister(summary)
	return exposing(registry, observed(routes(), func(r *http.Request, status int, took time.Duration) {
		if status == http.StatusNotFound || r.Method == http.MethodHead {
			return
		}
		summary.WithLabelValues(r.Method, "SUCCESS", strconv.Itoa(status), r.URL.Path).Observe(took.Seconds())
	}))
}

// Raw has a series for each path that it is asked for, and says the same for 400 ms, as an
// exporter's cache does.
func Raw() http.Handler {
	registry := prometheus.NewRegistry()
	count := counter(registry, "code", "path")
	mux := http.NewServeMux()
	mux.Handle("/metrics", cached(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), 400*time.Millisecond))
	mux.Handle("/", observed(routes(), func(r *http.Request, status int, _ time.Duration) {
		count.WithLabelValues(strconv.Itoa(status), r.URL.Path).Inc()
	}))
	return mux
}

// Silent exposes nothing about its requests.
func Silent() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "temperature_celsius",
		Help: "How warm it is."}))
	return exposing(registry, routes())
}

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Items, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "[]") })
	mux.HandleFunc(Slow, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(20 * time.Millisecond)
		fmt.Fprintln(w, "[]")
	})
	return mux
}

func counter(registry *prometheus.Registry, labels ...string) *prometheus.CounterVec {
	count := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_requests_total", Help: "Requests."}, labels)
	registry.MustRegister(count)
	return count
}

func exposing(registry *prometheus.Registry, rest http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.Handle("/", rest)
	return mux
}

// observed calls note once the handler has returned.
func observed(handler http.Handler, note func(*http.Request, int, time.Duration)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, start := &statusWriter{w, http.StatusOK}, time.Now()
		handler.ServeHTTP(seen, r)
		note(r, seen.status, time.Since(start))
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// cached repeats an answer for some time.
func cached(handler http.Handler, age time.Duration) http.Handler {
	var mu sync.Mutex
	var made time.Time
	var kept *recorded
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(made) >= age {
			kept, made = &recorded{header: http.Header{}}, time.Now()
			handler.ServeHTTP(kept, r)
		}
		for name, values := range kept.header {
			w.Header()[name] = values
		}
		_, _ = w.Write(kept.body) // the client may be gone
	})
}

type recorded struct {
	header http.Header
	body   []byte
}

func (r *recorded) Header() http.Header { return r.header }
func (r *recorded) WriteHeader(int)     {}
func (r *recorded) Write(text []byte) (int, error) {
	r.body = append(r.body, text...)
	return len(text), nil
}
