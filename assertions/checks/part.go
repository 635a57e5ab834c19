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

// Counted returns the two counts of each series of an identity in a part of the run. Why they
// differ is not looked at. It costs two queries, or three.
func (i *Identity) Counted(ctx context.Context, e facts.Evidence, part facts.Window) ([]assertions.Finding, error) {
	if i.instead != nil {
		if other := i.instead(e.Families(part)); other != nil {
			return other.Counted(ctx, e, part)
		}
	}
	sides, err := i.ask(ctx, e, part)
	if err != nil {
		return nil, err
	}
	return i.compare(sides.counts()), nil
}
