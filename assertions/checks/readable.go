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

// stray is the share of scrapes that may be answered with something unreadable and still be no more
// than a mishap. Prometheus loses one scrape in a hundred of a busy service without anybody
// noticing.
const stray = 0.01

// readable holds an endpoint to answering each scrape with an exposition. One that answers with
// something else hides what happened meanwhile: that is its own doing, and untruthful. One that
// does not answer at all may be beyond its reach, under a load that leaves no room for it: what was
// missed is said, and the edges that are missing make what rests on them inconclusive.
func (*Exposition) readable(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	scrapes, err := promql.EachEndpoint(ctx, e, w,
		"sum by (endpoint) (increase(brrtload_scrapes_total[range()] anchored))")
	if err != nil || len(scrapes) == 0 {
		return notScraped(), err
	}
	failed, err := e.Query(ctx,
		"sum by (endpoint, answered, why) (increase(brrtload_scrapes_failed_total[range()] anchored)) > 0", w)
	if err != nil {
		return nil, err
	}
	var findings []assertions.Finding
	for _, endpoint := range slices.Sorted(maps.Keys(scrapes)) {
		all, lost, unreadable := scrapes[endpoint], 0.0, 0.0
		var worst facts.Series
		for _, s := range failed.Series {
			if s.Labels["endpoint"] != endpoint {
				continue
			}
			lost += s.Value
			if s.Labels["answered"] == "yes" {
				unreadable += s.Value
			}
			if s.Value > worst.Value {
				worst = s
			}
		}
		f := assertions.Finding{Series: map[string]string{"endpoint": endpoint}, Samples: int(all)}
		f.Text = fmt.Sprintf("%s of %s scrapes could be read", quantity.Quantity{Value: all - lost},
			quantity.Quantity{Value: all})
		if lost > 0 {
			f.Text += fmt.Sprintf("; most others (%s): %s", quantity.Quantity{Value: worst.Value}, worst.Labels["why"])
		}
		if unreadable > max(1, stray*all) {
			f.Verdict = assertions.Untruthful
		}
		f.Text = amongSeveral(f, len(scrapes))
		findings = append(findings, f)
	}
	return findings, nil
}
