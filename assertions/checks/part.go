package checks

import (
	"context"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// Measured returns what a budget measures in a part of its window: the value that is furthest from
// its limit, with its verdict; false where there is none. Whether the part suffices to judge by is
// not looked at. It costs one query.
func (b *Budget) Measured(ctx context.Context, e facts.Evidence, part facts.Window) (assertions.Finding, bool, error) {
	answer, err := e.Query(ctx, b.Expr.String(), part)
	if err != nil {
		return assertions.Finding{}, false, err
	}
	worst, any := assertions.Check{Findings: b.values(answer)}.Worst()
	return worst, any && worst.Measured != nil, nil
}
