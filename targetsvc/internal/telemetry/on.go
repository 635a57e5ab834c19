//go:build !notelemetry

package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"brrtload/targetsvc/internal/stack"
	"brrtload/targetsvc/internal/tracing"
)

// Telemetry is what one process tells about itself. It is safe for concurrent use.
type Telemetry struct {
	groups  Groups
	tracing *tracing.Tracing // nil when there are no traces
	log     events

	registry *prometheus.Registry
	gatherer prometheus.Gatherer
	exposed  func(http.Handler) http.Handler // nil, or the seam for lies

	coroutines *coroutines
	channels   *channels
	auth       *authentication
	route      *routeMatches
	requests   *requests
	admin      prometheus.Counter
	routes     atomic.Int64
	registered atomic.Int64

	mu        sync.Mutex
	handlers  map[string]*Handler
	providers map[string]*Provider
	unmatched *Handler
}

// New registers the metrics of the groups that are on.
func New(o Options) (*Telemetry, error) {
	t := &Telemetry{
		groups:    o.Groups,
		registry:  prometheus.NewRegistry(),
		handlers:  map[string]*Handler{},
		providers: map[string]*Provider{},
	}
	t.gatherer = t.registry
	if o.Period > 0 {
		t.gatherer = &cached{period: o.Period, inner: t.registry}
	}
	if o.Groups.Logs {
		t.log.to = slog.NewJSONHandler(o.Log, &slog.HandlerOptions{Level: o.Level})
	}
	t.registerProcess(o)
	if o.Groups.Coroutines {
		t.coroutines = newCoroutines(t.registry)
	}
	if o.Groups.Channel {
		t.channels = newChannels(t.registry, o.Mailboxes)
	}
	if o.Groups.Stack {
		t.registry.MustRegister(stackSizes{t})
		if ok, reason := stack.Supported(); !ok {
			t.log.stackUnmeasured(reason)
		}
	}
	if o.Groups.Auth {
		t.auth = newAuthentication(vectorsIn(t.registry))
	}
	if o.Groups.Route {
		t.route = newRouteMatches(vectorsIn(t.registry))
	}
	if o.Groups.Request {
		t.requests = newRequests(vectorsIn(t.registry), o.Preset)
	}
	if o.Groups.Memory {
		t.registry.MustRegister(newHandlerAllocations(runtime.MemProfileRate))
	}
	if o.Groups.Traces {
		if err := t.startTracing(o.Version); err != nil {
			return nil, err
		}
	}
	t.unmatched = t.newHandler(HandlerFacts{Name: "_unmatched"})
	t.unmatched.initialise(HandlerFacts{})
	return t, nil
}

func (t *Telemetry) registerProcess(o Options) {
	t.registry.MustRegister(
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsGC,
			collectors.MetricsMemory)),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		buildInfo(o),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "brrtrouter_handlers_registered",
			Help: "Handlers registered now."}, func() float64 { return float64(t.registered.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "brrtrouter_routes_registered",
			Help: "Routes registered now."}, func() float64 { return float64(t.routes.Load()) }),
	)
	t.admin = prometheus.NewCounter(prometheus.CounterOpts{Name: "brrtrouter_admin_requests_total",
		Help: "Requests to the admin listener."})
	t.registry.MustRegister(t.admin)
}

// Configured states that the configuration was read.
func (t *Telemetry) Configured(path string, staticDir, docDir bool, keepAlive time.Duration) {
	t.log.configured(path, staticDir, docDir, keepAlive)
}

// StackClamped states that a handler's stack size was out of bounds and what it is instead, bytes.
func (t *Telemetry) StackClamped(handler string, asked, size int) {
	t.log.stackClamped(handler, asked, size)
}

// Starting states what the service is about to serve.
func (t *Telemetry) Starting(stackSize, routes, handlers int) {
	t.log.starting(stackSize, routes, handlers)
}

// Serving states how many routes and handlers are registered from now on.
func (t *Telemetry) Serving(routes, handlers int) {
	t.routes.Store(int64(routes))
	t.registered.Store(int64(handlers))
}

// AdminRequest states that the admin listener was asked something.
func (t *Telemetry) AdminRequest() { t.admin.Inc() }

// Begin states that a request has arrived at the router. Every request begun must end in Answered
// or Aborted.
//
// It returns a value, so that the request need not be allocated.
func (t *Telemetry) Begin(r *http.Request) Request {
	rq := Request{t: t, handler: t.unmatched, http: r, waited: -1, trace: t.beginTrace(r)}
	if t.groups.Request || t.groups.Logs {
		rq.arrived = now()
		rq.mark = rq.arrived
	}
	if t.groups.Logs {
		rq.id = nextRequestID()
	}
	t.requests.begin()
	return rq
}

// Close ends what runs in the background, within the context.
func (t *Telemetry) Close(ctx context.Context) error {
	t.stopTracing(ctx)
	return nil
}

var processStart = time.Now()

// now is the time since the process started, in nanoseconds of the monotonic clock. It is never 0,
// which means not read.
func now() int64 { return int64(time.Since(processStart)) }
