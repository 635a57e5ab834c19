package assertions

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// fresh holds an endpoint to saying how things are now. An answer that stays the same, byte for byte, while hits are sent and answered between
// the scrapes is an old one: what it says of any moment was true some time before.
func (*Exposition) fresh(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	same, err := every(ctx, e, w, "max by (endpoint) (max_over_time(brrtload_scrape_unchanged_seconds[range()]))")
	if err != nil || len(same) == 0 {
		return notScraped(), err
	}
	var findings []Finding
	for _, endpoint := range slices.Sorted(maps.Keys(same)) {
		f := Finding{Series: map[string]string{"endpoint": endpoint}, Text: "no scrape was answered with an old exposition"}
		if age := same[endpoint]; age > 0 {
			f.Verdict = Untruthful
			f.Text = fmt.Sprintf("the exposition stayed the same for up to %s while hits were answered: it is older than it says", Quantity{age, "s"})
		}
		findings = append(findings, f)
	}
	return findings, nil
}
