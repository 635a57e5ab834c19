package assertions

import (
	"context"
	"fmt"
)

// doubt makes findings inconclusive when what they were made from did not all arrive: what the query counts is above 0.
func doubt(ctx context.Context, e Evidence, w Window, q Query, findings []Finding) error {
	if q.IsZero() {
		return nil
	}
	lost, known, err := single(ctx, e, w, q)
	if err != nil || !known || lost <= 0 {
		return err
	}
	for n, f := range findings {
		if f.Verdict == Untruthful {
			findings[n].Verdict = Inconclusive
			findings[n].Text += fmt.Sprintf("; %s were dropped before they could be counted", Quantity{Value: lost})
		}
	}
	return nil
}
