//go:build notelemetry

package fault

import "brrtload/targetsvc/internal/telemetry"

// lie is nothing in this build: without telemetry there is nothing to lie about.
type lie struct{}

// told is nothing in this build.
type told struct{}

func lies() []Fault { return nil }

// Lie does nothing in this build.
func (*Set) Lie(*telemetry.Telemetry) {}
