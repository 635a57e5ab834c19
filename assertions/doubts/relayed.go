package doubts

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Relayed is what is known of series that another server scraped: a Prometheus that the service
// has.
type Relayed struct {
	Every      float64 // seconds between two of its scrapes
	Start, End float64 // seconds by which counts of the run begin before the hits, and end after them
}

// RelayedBy returns how the service's series came here, and false when it was scraped for the run.
func RelayedBy(ctx context.Context, e facts.Evidence) (Relayed, bool, error) {
	w, ok := e.Window(facts.Scraped)
	if !ok {
		return Relayed{}, false, nil
	}
	edges, err := e.Query(ctx, "max by (edge) (last_over_time(brrtload_counts_beyond_hits_seconds[range()]))", w)
	if err != nil || len(edges.Series) == 0 {
		return Relayed{}, false, err
	}
	var r Relayed
	for _, s := range edges.Series {
		if s.Labels["edge"] == "start" {
			r.Start = s.Value
		} else {
			r.End = s.Value
		}
	}
	r.Every, _, err = promql.Single(ctx, e, w, promql.Must("max(last_over_time(brrtload_scrape_interval_seconds[range()]))"))
	return r, true, err
}

// Unseen returns the finding of a check that needs the expositions themselves.
func (r Relayed) Unseen() []assertions.Finding {
	return []assertions.Finding{{Verdict: assertions.NotApplicable,
		Text: fmt.Sprintf("the series are read from Prometheus, which scrapes every %s: the expositions themselves were not seen",
			quantity.Of(r.Every, "s"))}}
}

// Sentence says over which time the service's counts of a run are.
func (r Relayed) Sentence() string {
	return fmt.Sprintf("Prometheus scrapes every %s, and the server's count is of up to %s before the load to %s after it",
		quantity.Of(r.Every, "s"), quantity.Of(r.Start, "s"), quantity.Of(r.End, "s"))
}
