package assertions

import (
	"context"

	"brrtload/internal/facts"
)

// Measurer is an assertion that measures a value in a part of its window: see [Budget.Measured].
type Measurer interface {
	Measured(ctx context.Context, e facts.Evidence, part facts.Window) (Finding, bool, error)
}

// Counter is an assertion that compares two counts, of a part of the run as well: see
// [Identity.Counted].
type Counter interface {
	Counted(ctx context.Context, e facts.Evidence, part facts.Window) ([]Finding, error)
}
