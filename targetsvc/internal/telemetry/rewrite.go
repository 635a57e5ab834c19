//go:build !notelemetry

package telemetry

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Rewrites are the seams at which the telemetry is made to lie, between what is known and who reads
// it. All are set, and each is safe for concurrent use.
type Rewrites struct {
	// Families gets what was gathered for one scrape, which is its own but for the label pairs.
	Families func([]*dto.MetricFamily) []*dto.MetricFamily
	// Event gets an event and the request that it is about, nil when there is none, and says
	// whether to write it.
	Event func(*http.Request, slog.Record) (slog.Record, bool)
	// Spans gets what is about to be delivered.
	Spans func([]sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan
	// Exposition gets the handler of the exposition.
	Exposition func(http.Handler) http.Handler
}

// Rewrite passes everything told from now on through the functions. Call it once, before anything
// else.
func (t *Telemetry) Rewrite(r Rewrites) {
	inner := t.gatherer
	t.gatherer = prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := inner.Gather()
		return r.Families(families), err
	})
	t.log.Rewrite = r.Event
	t.tracing.Rewrite(r.Spans)
	t.exposed = r.Exposition
}
