package checks

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// wellFormed holds an exposition to what its format asks for, beyond what can be read in spite of
// it.
func (*Exposition) wellFormed(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	scrapes, err := promql.EachEndpoint(ctx, e, w,
		"sum by (endpoint) (increase(brrtload_scrapes_total[range()] anchored))")
	if err != nil || len(scrapes) == 0 {
		return notScraped(), err
	}
	flaws, err := e.Query(ctx, "sum by (endpoint, flaw) (increase(brrtload_scrape_flaws_total[range()] anchored)) > 0",
		w)
	if err != nil {
		return nil, err
	}
	var findings []assertions.Finding
	for _, s := range flaws.Series {
		endpoint := map[string]string{"endpoint": s.Labels["endpoint"]}
		findings = append(findings, assertions.Finding{Verdict: assertions.Untruthful, Series: endpoint,
			Samples: int(scrapes[s.Labels["endpoint"]]),
			Text: fmt.Sprintf("%s of %s answers: %s", quantity.Quantity{Value: s.Value},
				quantity.Quantity{Value: scrapes[s.Labels["endpoint"]]}, flawText[s.Labels["flaw"]])})
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Text: "the expositions keep to their format"}}
	}
	return findings, nil
}

// flawText says what is wrong, and what to do.
var flawText = map[string]string{
	"unversioned":                 "the content type is text/plain without a version, so that every reader must guess the format; say text/plain; version=0.0.4",
	"duplicates":                  "a series stands there twice, and readers differ in which of the two they take",
	"old timestamps":              "samples carry a time more than an hour ago, and Prometheus refuses them; expose them without a time",
	"timestamps ahead":            "samples carry a time more than 10 min ahead, and Prometheus refuses them; expose them without a time",
	"late timestamps":             "samples carry a time more than 5 s ago, and every graph shows them late; expose them without a time",
	"created ahead":               "a creation time lies in the future",
	"created before the process":  "a creation time lies before process_start_time_seconds",
	"creation time changes":       "the creation time of a series changes though it counts on; a reader takes each change for a restart",
	"exemplar outside its bucket": "the value of an exemplar lies outside its bucket",
	"exemplar ahead":              "the time of an exemplar lies in the future",
}
