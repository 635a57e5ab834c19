//go:build !notelemetry

package metrics

import (
	"runtime"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Process are the families that no group switches off: of the runtime, the process, the build, and
// of the service as a whole.
type Process struct {
	admin            prometheus.Counter
	routes, handlers atomic.Int64
}

// Build is which build this is.
type Build struct {
	Version, Revision string
	Telemetry         string // the groups that are on
}

// NewProcess registers the families of the process.
func NewProcess(r prometheus.Registerer, b Build) *Process {
	p := &Process{admin: prometheus.NewCounter(prometheus.CounterOpts{Name: "brrtrouter_admin_requests_total",
		Help: "Requests to the admin listener."})}
	r.MustRegister(
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsGC,
			collectors.MetricsMemory)),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		buildInfo(b),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "brrtrouter_handlers_registered",
			Help: "Handlers registered now."}, func() float64 { return float64(p.handlers.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "brrtrouter_routes_registered",
			Help: "Routes registered now."}, func() float64 { return float64(p.routes.Load()) }),
		p.admin,
	)
	return p
}

// Serving sets how many routes and handlers are registered.
func (p *Process) Serving(routes, handlers int) {
	p.routes.Store(int64(routes))
	p.handlers.Store(int64(handlers))
}

// AdminRequest counts a request to the admin listener.
func (p *Process) AdminRequest() { p.admin.Inc() }

func buildInfo(b Build) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "brrtrouter_build_info",
		Help: "Which build this is; always 1.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "goversion": runtime.Version(),
			"telemetry": b.Telemetry}})
	info.Set(1)
	return info
}
