package assertions

import (
	"context"

	"brrtload/internal/facts"
)

// Room judges a budget over so much of a window as there is, and gives the finding with the least
// room of those that have a margin. It is false for what is not a budget of that window, and for a
// budget of which nothing is measured yet.
func Room(ctx context.Context, e facts.Evidence, a Assertion, soFar facts.Window) (Finding, bool) {
	about := a.About()
	if about.Limits == nil || about.Window != soFar.Name || about.Severity == Warning {
		return Finding{}, false
	}
	var least Finding
	for _, f := range check(ctx, underWay{e, soFar}, a).Findings {
		if f.roomy() && (least.Margin == nil || *f.Margin < *least.Margin) {
			least = f
		}
	}
	return least, least.Margin != nil
}
