//go:build !notelemetry

package telemetry

import (
	"context"
	"net/http"
	"time"

	"brrtload/targetsvc/internal/tracing"
)

// startTracing begins to deliver spans when the environment says where to.
func (t *parts) startTracing(version string) error {
	if tracing.Wanted() {
		exporter, err := tracing.NewExporter(context.Background())
		if err != nil {
			return err
		}
		t.tracing = tracing.Start(version, exporter, t.log.SpansUndelivered)
	}
	return nil
}

// flushTime is how long the last spans may take to be delivered.
const flushTime = 2 * time.Second

// stopTracing delivers what is queued. A receiver that does not take it in time costs those spans,
// which are counted, and not the orderly end of the process.
func (t *parts) stopTracing(ctx context.Context) {
	if t.tracing == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	if err := t.tracing.Close(ctx); err != nil {
		t.log.SpansLost(err)
	}
}

// beginTrace begins the spans of a request, and returns nil when there are no traces.
func (t *parts) beginTrace(r *http.Request) *tracing.Request {
	if t.tracing == nil {
		return nil
	}
	return t.tracing.Begin(r, standardMethod(r.Method))
}
