//go:build !notelemetry

package telemetry

import (
	"brrtload/targetsvc/internal/events"
	"brrtload/targetsvc/internal/metrics"
	"brrtload/targetsvc/internal/tracing"
)

// parts are what the facts become: families, events and spans. What belongs to a group that is off
// is nil, and counts nothing.
type parts struct {
	groups     Groups
	log        events.Log
	tracing    *tracing.Tracing
	process    *metrics.Process
	coroutines *metrics.Coroutines
	stacks     *metrics.Stacks
	channels   *metrics.Channels
	auth       *metrics.Auth
	routes     *metrics.Routes
	requests   *metrics.Requests
}
