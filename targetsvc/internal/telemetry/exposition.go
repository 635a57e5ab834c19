//go:build !notelemetry

package telemetry

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// Exposition serves the metrics as text, OpenMetrics or protobuf, whichever is asked for.
func (t *Telemetry) Exposition() http.Handler {
	return promhttp.HandlerFor(t.gatherer, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Rewrite passes everything gathered from now on through a function: the seam at which an exposition is made to lie. Call
// it before Exposition.
func (t *Telemetry) Rewrite(change func([]*dto.MetricFamily) []*dto.MetricFamily) {
	inner := t.gatherer
	t.gatherer = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := inner.Gather()
		return change(families), err
	})
}

func buildInfo(o Options) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "brrtrouter_build_info", Help: "Which build this is; always 1.",
		ConstLabels: prometheus.Labels{"version": o.Version, "revision": o.Revision, "goversion": runtime.Version(), "telemetry": o.Groups.String()}})
	info.Set(1)
	return info
}
