package judge

import (
	"context"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// Room judges a budget over so much of a window as there is, and gives the finding with the least
// room of those that have a margin. It is false for what is not a budget of that window, and for a
// budget of which nothing is measured yet.
func Room(ctx context.Context, e facts.Evidence, a assertions.Assertion, soFar facts.Window) (assertions.Finding, bool) {
	about := a.About()
	if about.Limits == nil || about.Window != soFar.Name || about.Severity == assertions.Warning {
		return assertions.Finding{}, false
	}
	var least assertions.Finding
	for _, f := range check(ctx, underWay{e, soFar}, a).Findings {
		if roomy(f) && (least.Margin == nil || *f.Margin < *least.Margin) {
			least = f
		}
	}
	return least, least.Margin != nil
}
