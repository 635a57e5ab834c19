// Package doubts finds what may explain a count other than that it is untrue: a restart, a proxy in
// front, data that did not arrive, another process, nothing taken in.
package doubts

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Lost makes findings inconclusive when what they were made from did not all arrive: what the
// query counts is above 0.
func Lost(ctx context.Context, e facts.Evidence, w facts.Window, q promql.Query, findings []assertions.Finding) error {
	if q.IsZero() {
		return nil
	}
	lost, known, err := promql.Single(ctx, e, w, q)
	if err != nil || !known || lost <= 0 {
		return err
	}
	for n, f := range findings {
		if f.Verdict == assertions.Untruthful {
			findings[n].Verdict = assertions.Inconclusive
			findings[n].Text += fmt.Sprintf("; %s were dropped before they could be counted",
				quantity.Quantity{Value: lost})
		}
	}
	return nil
}
