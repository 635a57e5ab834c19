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

// fresh is the name of the trait, and freshFor how old in seconds an exposition may be unless the
// assertion says otherwise: one that is rebuilt every second is no lie.
const (
	fresh    = "fresh"
	freshFor = 2
)

// fresh holds the target's endpoint to saying how things are now. An answer that stays the same,
// byte for byte, while hits are sent and answered between the scrapes is an old one: what it says
// of any moment was true some time before. Whether hits move another endpoint, or one that counts
// nothing, is unknown.
func (x *Exposition) fresh(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	same, err := promql.EachEndpoint(ctx, e, w,
		"max by (endpoint) (max_over_time(brrtload_scrape_unchanged_seconds[range()]))")
	if err != nil || len(same) == 0 {
		return notScraped(), err
	}
	var findings []assertions.Finding
	for _, endpoint := range slices.Sorted(maps.Keys(same)) {
		f := assertions.Finding{Series: map[string]string{"endpoint": endpoint},
			Text: "no scrape was answered with an old exposition"}
		if age := same[endpoint]; age > 0 {
			f.Text = fmt.Sprintf("the exposition stayed the same for up to %s while hits were answered",
				quantity.Of(age, "s"))
			switch {
			case age <= x.AtMost.Value:
				f.Text += fmt.Sprintf(", which is within %s", x.AtMost.Quantity)
			case endpoint == facts.Target && counts(e, w, endpoint):
				f.Verdict = assertions.Untruthful
				f.Text += fmt.Sprintf(": it is older than %s; for a cache that is meant set at_most of this check",
					x.AtMost.Quantity)
			default:
				f.Text += ", and need not be moved by them"
			}
		}
		f.Text = amongSeveral(f, len(same))
		findings = append(findings, f)
	}
	return findings, nil
}

// counts reports whether the endpoint exposes anything that counts.
func counts(e facts.Evidence, w facts.Window, endpoint string) bool {
	return slices.ContainsFunc(e.Families(w), func(f facts.Family) bool {
		return f.Endpoint == endpoint && slices.Contains([]string{"counter", "histogram", "summary"}, f.Type)
	})
}
