// A service in plain client_golang: label sets are born by the first request that has them, and
// /metrics is timed as any other path.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

var (
	requests = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "Requests answered."}, []string{"method", "path", "code"})
	seconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "From the request's arrival to its answer."}, []string{"path"})
	inFlight = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "http_requests_in_flight", Help: "Requests that are being answered."})
)

type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}

func measured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		inFlight.Inc()
		answer := &recorder{w, http.StatusOK}
		defer func() {
			inFlight.Dec()
			requests.WithLabelValues(r.Method, r.URL.Path, strconv.Itoa(answer.code)).Inc()
			seconds.WithLabelValues(r.URL.Path).Observe(time.Since(began).Seconds())
		}()
		next.ServeHTTP(answer, r)
	})
}

func main() {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.Handler())
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "items") })
	mux.HandleFunc("GET /born/{name}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "born") })
	mux.HandleFunc("POST /items", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(30 * time.Millisecond)
		fmt.Fprintln(w, "slow")
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), measured(mux)))
}
