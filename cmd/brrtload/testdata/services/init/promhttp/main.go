// A service with client_golang's promhttp around each handler, as its documentation has it: what no
// handler matches is not counted.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

var (
	requests = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "Requests."}, []string{"handler", "code", "method"})
	seconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "Time of a request."}, []string{"handler", "code", "method"})
	inFlight = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "http_requests_in_flight", Help: "Requests in flight."})
)

func main() {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.Handler())
	for path, pause := range map[string]time.Duration{"/{$}": 0, "/items": 0, "/slow": 30 * time.Millisecond} {
		handler := prometheus.Labels{"handler": path}
		mux.Handle(path, promhttp.InstrumentHandlerInFlight(inFlight,
			promhttp.InstrumentHandlerDuration(seconds.MustCurryWith(handler),
				promhttp.InstrumentHandlerCounter(requests.MustCurryWith(handler),
					http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						time.Sleep(pause)
						fmt.Fprintln(w, "fine")
					})))))
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
