// A service with OpenTelemetry's otelhttp and its Prometheus exporter.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
)

func main() {
	exporter, err := prometheus.New()
	if err != nil {
		log.Fatal(err)
	}
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter)))
	served := http.NewServeMux()
	for path, pause := range map[string]time.Duration{"/{$}": 0, "/items": 0, "/slow": 30 * time.Millisecond} {
		served.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(pause)
			fmt.Fprintln(w, "fine")
		})
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.Handler())
	mux.Handle("/", otelhttp.NewHandler(served, "server"))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
