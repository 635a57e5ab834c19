//go:build !notelemetry

package telemetry

import "brrtload/targetsvc/internal/metrics"

// Provider counts what one security provider does.
type Provider struct {
	name   string
	series metrics.Provider
}
