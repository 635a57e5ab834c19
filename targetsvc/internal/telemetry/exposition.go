//go:build !notelemetry

package telemetry

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Exposition serves the metrics as text, OpenMetrics or protobuf, whichever is asked for.
func (t *Telemetry) Exposition() http.Handler {
	h := promhttp.HandlerFor(t.gatherer, promhttp.HandlerOpts{EnableOpenMetrics: true})
	if t.exposed != nil {
		return t.exposed(h)
	}
	return h
}

func buildInfo(o Options) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "brrtrouter_build_info",
		Help: "Which build this is; always 1.",
		ConstLabels: prometheus.Labels{"version": o.Version, "revision": o.Revision, "goversion": runtime.Version(),
			"telemetry": o.Groups.String()}})
	info.Set(1)
	return info
}
