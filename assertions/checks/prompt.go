package checks

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// prompt holds an endpoint to answering within the interval at which it is read. A sample is
// stamped with the moment at which it was asked for; one that is gathered up to a whole interval
// later tells of another moment. The quickest answer of the run counts, those at rest included, so
// that a load which leaves the endpoint no room is not its fault.
func (*Exposition) prompt(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	quickest, err := promql.EachEndpoint(ctx, e, w,
		"min by (endpoint) (min_over_time(brrtload_scrape_seconds[range()]))")
	if err != nil || len(quickest) == 0 {
		return notScraped(), err
	}
	interval, known, err := promql.Single(ctx, e, w,
		promql.Must("max(max_over_time(brrtload_scrape_interval_seconds[range()]))"))
	if err != nil || !known || interval == 0 {
		return notScraped(), err
	}
	var findings []assertions.Finding
	for _, endpoint := range slices.Sorted(maps.Keys(quickest)) {
		took := quickest[endpoint]
		f := assertions.Finding{Series: map[string]string{"endpoint": endpoint}, Measured: &took, Operator: "<",
			Limit: &interval, Unit: "s",
			Text: fmt.Sprintf("the quickest scrape took %s, and one is due every %s", quantity.Of(took, "s"),
				quantity.Of(interval, "s"))}
		if took >= interval {
			f.Verdict = assertions.Untruthful
			f.Text += ": the moment within it that a sample shows is unknown"
		}
		f.Text = amongSeveral(f, len(quickest))
		findings = append(findings, f)
	}
	return findings, nil
}
