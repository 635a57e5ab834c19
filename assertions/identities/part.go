package identities

import (
	"context"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

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
