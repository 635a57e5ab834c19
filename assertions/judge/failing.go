package judge

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Failing of every hit is looked for in every run, whatever else it asserts: nothing that is
// asserted of a service holds for one that serves no request.

var (
	hitsOver      = promql.Must(`sum(last_over_time(brrtload_hits_total{kind!="cancelled"}[range()]))`)
	hitsFailed    = promql.Must(`sum(last_over_time(brrtload_unexpected_total[range()]))`)
	hitsByOutcome = promql.Must(`sum by (status, outcome, kind) (last_over_time(brrtload_hits_total{kind!="cancelled"}[range()]))`)
)

// hitsID is the id of the check that all hits failed.
const hitsID = "hits"

// allFailed returns a check that failed, and true, when every hit of the run failed.
func allFailed(ctx context.Context, e facts.Evidence) (assertions.Check, bool, error) {
	w, ok := e.Window(facts.Scraped)
	if !ok {
		return assertions.Check{}, false, nil
	}
	hits, known, err := promql.Single(ctx, e, w, hitsOver)
	if err != nil || !known || hits == 0 {
		return assertions.Check{}, false, err
	}
	failed, known, err := promql.Single(ctx, e, w, hitsFailed)
	if err != nil || !known || failed < hits {
		return assertions.Check{}, false, err
	}
	answer, err := e.Query(ctx, hitsByOutcome.String(), w)
	if err != nil {
		return assertions.Check{}, false, err
	}
	var most facts.Series
	for _, s := range answer.Series {
		if s.Value > most.Value {
			most = s
		}
	}
	f := assertions.Finding{Verdict: assertions.Fail, Text: fmt.Sprintf("all %s hits failed: %s", quantity.Quantity{Value: hits},
		cause(most, hits))}
	return assertions.Check{Heading: assertions.Heading{ID: hitsID, Kind: hitsID, Severity: assertions.Failing, Window: facts.Scraped,
		Query: hitsFailed.String(),
		Why:   "of a service that serves nothing there is nothing else to find out"}, Verdict: assertions.Fail, Reason: f.Text, Findings: []assertions.Finding{f}}, true, nil
}

// cause reports what came of the hits of a series: "48 of them were answered with status 500".
func cause(s facts.Series, all float64) string {
	text := "they"
	if s.Value < all {
		text = quantity.Quantity{Value: s.Value}.String() + " of them"
	}
	switch status, kind := s.Labels["status"], s.Labels["kind"]; {
	case s.Labels["outcome"] == "answered":
		return text + " were answered with status " + status
	case kind == "dial":
		return text + " found no connection to the target"
	case kind == "timed out":
		return text + " timed out"
	case kind != "":
		return fmt.Sprintf("%s were %s (%s)", text, s.Labels["outcome"], kind)
	default:
		return text + " were " + s.Labels["outcome"]
	}
}

// lead returns what a reader must know before the reason of the verdict: that all hits failed, or
// that most were never sent. It is empty when neither is so, or when the reason says it already.
func lead(checks []assertions.Check, load Delivered, reason assertions.Check) string {
	for _, c := range checks {
		if c.ID == hitsID && c.Verdict == assertions.Fail && reason.ID != c.ID {
			return c.Reason + "; "
		}
	}
	if reason.ID == assertions.DeliveryID || !load.Known || load.Sent/load.Planned >= mostSent {
		return ""
	}
	text := load.sentence()
	if load.KeptWaiting() {
		text += " (every connection waited for the target)"
	}
	return text + "; "
}

// mostSent is the share of the plan below which a run is first of all one whose hits were not sent.
const mostSent = 0.5
