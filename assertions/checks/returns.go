package checks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Return is a gauge that must be back at its baseline once the load is over: requests in flight,
// queue depth. One that is not counts things that are no more. The service has the idle window to
// come to rest.
type Return struct {
	At       diag.Position       `yaml:",position"`
	ID       string              `yaml:"id,required"`
	Gauge    promql.Query        `yaml:"gauge,required"` // PromQL: the gauge
	To       *float64            `yaml:"to"`             // the value to return to; without it, the one at the baseline
	Severity assertions.Severity `yaml:"severity"`
	Why      string              `yaml:"why"`
}

// UnmarshalNode implements diag.Unmarshaler.
func (r *Return) UnmarshalNode(n diag.Node) error {
	type fields Return
	f := fields{Severity: assertions.Failing}
	err := n.Decode(&f)
	*r = Return(f)
	return err
}

// About implements Assertion.
func (r *Return) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: r.ID, Kind: "return to baseline", Why: r.Why,
		Severity: r.Severity, Window: facts.Idle, Query: r.Gauge.String(), Position: r.At,
		Metrics: r.Gauge.Metrics()}, Bearing: assertions.Bearing{Queries: []promql.Query{r.Gauge}}}

}

// Judge implements Assertion.
func (r *Return) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	run, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(run)}, nil
	}
	idle, ok := e.Window(facts.Idle)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(idle)}, nil
	}
	missing, err := assertions.Absent(ctx, e, idle, r.Gauge)
	if err != nil || len(missing) > 0 {
		return missing, err
	}
	after, err := e.Query(ctx, r.Gauge.String(), idle)
	if err != nil {
		return nil, err
	}
	before, err := e.Query(ctx, r.Gauge.String(), facts.Window{Name: "baseline", Start: run.Start.Add(-time.Second),
		End: run.Start})
	if err != nil {
		return nil, err
	}
	findings := r.compare(before, after)
	return assertions.Bounded(findings), inTraffic(ctx, e, findings)
}

// inTraffic makes findings about gauges inconclusive when something else used the service: what it
// does may be what is in flight.
func inTraffic(ctx context.Context, e facts.Evidence, findings []assertions.Finding) error {
	w, ok := e.Window(facts.Scraped)
	if !ok || !slices.ContainsFunc(findings, func(f assertions.Finding) bool { return f.Verdict == assertions.Untruthful }) {
		return nil
	}
	moved, err := e.Query(ctx, fmt.Sprintf("topk(1, last_over_time(%s[range()]) or last_over_time(%s[range()]))",
		promql.UnsettledRate, promql.BackgroundMost), w)
	if err != nil || len(moved.Series) == 0 {
		return err
	}
	why := promql.Moving(moved.Series[0], "")
	for n, f := range findings {
		if f.Verdict == assertions.Untruthful {
			findings[n].Doubtful(f.Text + "; other traffic moved " + why.Name + ", and may be in flight")
		}
	}
	return nil
}

func (r *Return) compare(before, after facts.Answer) []assertions.Finding {
	baseline := map[facts.LabelSet]float64{}
	for _, s := range before.Series {
		baseline[facts.KeyOf(s.Labels)] = s.Value
	}
	findings := make([]assertions.Finding, 0, len(after.Series))
	for _, s := range after.Series {
		series := facts.WithoutName(s.Labels)
		want, known := baseline[facts.KeyOf(s.Labels)] // a series that the baseline did not have was at 0
		from := "its baseline"
		if r.To != nil {
			want, from = *r.To, "rest"
		} else if !known {
			from = "not having been there"
		}
		value := s.Value
		f := assertions.Finding{Series: series, Measured: &value, Operator: "==", Limit: &want,
			Text: facts.Prefix(series, fmt.Sprintf("back at %s", quantity.Quantity{Value: value}))}
		rest, before := baseline[facts.KeyOf(s.Labels)]
		switch {
		case value == want:
		case r.To != nil && before && value == rest && value == want+1: // the one request in flight at rest is the scrape
			f.Text = facts.Prefix(series, fmt.Sprintf("back at %s, as before the load: it counts the scrape itself",
				quantity.Quantity{Value: value}))
		default: // as is what is no number
			f.Verdict = assertions.Untruthful
			f.Text = facts.Prefix(series, fmt.Sprintf("%s after the load, %s at %s", quantity.Quantity{Value: value},
				quantity.Quantity{Value: want}, from))
			if r.To != nil && before && value == rest {
				f.Text += fmt.Sprintf("; it was %s before the load, too: leave out \"to\" to compare with that",
					quantity.Quantity{Value: rest})
			}
		}
		findings = append(findings, f)
	}
	return findings
}
