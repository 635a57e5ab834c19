//go:build !notelemetry

package telemetry

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"brrtload/targetsvc/internal/events"
	"brrtload/targetsvc/internal/metrics"
	"brrtload/targetsvc/internal/stack"
)

// Telemetry is what one process tells about itself. It is safe for concurrent use.
type Telemetry struct {
	parts

	registry *prometheus.Registry
	gatherer prometheus.Gatherer
	exposed  func(http.Handler) http.Handler // nil, or the seam for lies

	mu        sync.Mutex
	handlers  map[string]*Handler
	providers map[string]*Provider
	unmatched *Handler
}

// New registers the metrics of the groups that are on.
func New(o Options) (*Telemetry, error) {
	t := &Telemetry{registry: prometheus.NewRegistry(), handlers: map[string]*Handler{}, providers: map[string]*Provider{}}
	t.groups = o.Groups
	t.gatherer = t.registry
	if o.Period > 0 {
		t.gatherer = metrics.Cached(o.Period, t.registry)
	}
	if o.Groups.Logs {
		t.log = events.To(o.Log, o.Level)
	}
	t.process = metrics.NewProcess(t.registry, metrics.Build{Version: o.Version, Revision: o.Revision, Telemetry: o.Groups.String()})
	if o.Groups.Coroutines {
		t.coroutines = metrics.NewCoroutines(t.registry)
	}
	if o.Groups.Channel {
		t.channels = metrics.NewChannels(t.registry, o.Mailboxes)
	}
	if o.Groups.Stack {
		t.stacks = metrics.NewStacks(t.registry)
		if ok, reason := stack.Supported(); !ok {
			t.log.StackUnmeasured(reason)
		}
	}
	if o.Groups.Auth {
		t.auth = metrics.NewAuth(t.registry)
	}
	if o.Groups.Route {
		t.routes = metrics.NewRoutes(t.registry)
	}
	if o.Groups.Request {
		t.requests = metrics.NewRequests(t.registry, o.Preset)
	}
	if o.Groups.Memory {
		metrics.RegisterMemory(t.registry, runtime.MemProfileRate)
	}
	if o.Groups.Traces {
		if err := t.startTracing(o.Version); err != nil {
			return nil, err
		}
		metrics.RegisterSpans(t.registry, t.tracing)
	}
	t.unmatched = t.newHandler(HandlerFacts{Name: "_unmatched"})
	t.unmatched.initialise(HandlerFacts{})
	return t, nil
}

// Exposition serves the metrics as text, OpenMetrics or protobuf, whichever is asked for.
func (t *Telemetry) Exposition() http.Handler {
	h := promhttp.HandlerFor(t.gatherer, promhttp.HandlerOpts{EnableOpenMetrics: true})
	if t.exposed != nil {
		return t.exposed(h)
	}
	return h
}

// Configured states that the configuration was read.
func (t *Telemetry) Configured(path string, staticDir, docDir bool, keepAlive time.Duration) {
	t.log.Configured(path, staticDir, docDir, keepAlive)
}

// StackClamped states that a handler's stack size was out of bounds and what it is instead, bytes.
func (t *Telemetry) StackClamped(handler string, asked, size int) {
	t.log.StackClamped(handler, asked, size)
}

// Starting states what the service is about to serve.
func (t *Telemetry) Starting(stackSize, routes, handlers int) {
	t.log.Starting(stackSize, routes, handlers)
}

// Serving states how many routes and handlers are registered from now on.
func (t *Telemetry) Serving(routes, handlers int) {
	t.process.Serving(routes, handlers)
}

// AdminRequest states that the admin listener was asked something.
func (t *Telemetry) AdminRequest() { t.process.AdminRequest() }

// Begin states that a request has arrived at the router. Every request begun must end in Answered
// or Aborted.
//
// It returns a value, so that the request need not be allocated.
func (t *Telemetry) Begin(r *http.Request) Request {
	rq := Request{t: &t.parts, handler: t.unmatched, http: r, waited: -1, trace: t.beginTrace(r)}
	if t.groups.Request || t.groups.Logs {
		rq.arrived = now()
		rq.mark = rq.arrived
	}
	if t.groups.Logs {
		rq.id = events.NextID()
	}
	t.requests.Began()
	return rq
}

// Close ends what runs in the background, within the context.
func (t *Telemetry) Close(ctx context.Context) error {
	t.stopTracing(ctx)
	return nil
}
