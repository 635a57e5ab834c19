package assertions

import (
	"context"
	"fmt"
	"slices"
	"time"

	"brrtload/internal/diag"
)

// Return is a gauge that must be back at its baseline once the load is over: requests in flight, queue depth. One that is not counts things that
// are no more. The service has the idle window to come to rest.
type Return struct {
	At       diag.Position `yaml:",position"`
	ID       string        `yaml:"id,required"`
	Gauge    Query         `yaml:"gauge,required"` // PromQL: the gauge
	To       *float64      `yaml:"to"`             // the value to return to; without it, the one at the baseline
	Severity Severity      `yaml:"severity"`
	Why      string        `yaml:"why"`
}

// UnmarshalNode implements diag.Unmarshaler.
func (r *Return) UnmarshalNode(n diag.Node) error {
	type fields Return
	f := fields{Severity: Failing}
	err := n.Decode(&f)
	*r = Return(f)
	return err
}

// About implements Assertion.
func (r *Return) About() About {
	return About{Heading{ID: r.ID, Kind: "return to baseline", Why: r.Why, Severity: r.Severity, Window: Idle, Query: r.Gauge.String(), Position: r.At,
		Metrics: r.Gauge.metrics()},
		Bearing{Queries: []Query{r.Gauge}}}
}

// Judge implements Assertion.
func (r *Return) Judge(ctx context.Context, e Evidence) ([]Finding, error) {
	run, ok := e.Window(Run)
	if !ok {
		return []Finding{noWindow(run)}, nil
	}
	idle, ok := e.Window(Idle)
	if !ok {
		return []Finding{noWindow(idle)}, nil
	}
	missing, err := absent(ctx, e, idle, r.Gauge)
	if err != nil || len(missing) > 0 {
		return missing, err
	}
	after, err := e.Query(ctx, r.Gauge.String(), idle)
	if err != nil {
		return nil, err
	}
	before, err := e.Query(ctx, r.Gauge.String(), Window{Name: "baseline", Start: run.Start.Add(-time.Second), End: run.Start})
	if err != nil {
		return nil, err
	}
	findings := r.compare(before, after)
	return bounded(findings), inTraffic(ctx, e, findings)
}

// inTraffic makes findings about gauges inconclusive when something else used the service: what it does may be what is in flight.
func inTraffic(ctx context.Context, e Evidence, findings []Finding) error {
	w, ok := e.Window(Scraped)
	if !ok || !slices.ContainsFunc(findings, func(f Finding) bool { return f.Verdict == Untruthful }) {
		return nil
	}
	moved, err := e.Query(ctx, fmt.Sprintf("topk(1, last_over_time(%s[range()]) or last_over_time(%s[range()]))", unsettledRate, backgroundMost), w)
	if err != nil || len(moved.Series) == 0 {
		return err
	}
	why := moving(moved.Series[0], "")
	for n, f := range findings {
		if f.Verdict == Untruthful {
			findings[n].doubtful(f.Text + "; other traffic moved " + why.name + ", and may be in flight")
		}
	}
	return nil
}

func (r *Return) compare(before, after Answer) []Finding {
	baseline := map[labelSet]float64{}
	for _, s := range before.Series {
		baseline[keyOf(s.Labels)] = s.Value
	}
	findings := make([]Finding, 0, len(after.Series))
	for _, s := range after.Series {
		series := withoutName(s.Labels)
		want, known := baseline[keyOf(s.Labels)] // a series that the baseline did not have was at 0
		from := "its baseline"
		if r.To != nil {
			want, from = *r.To, "rest"
		} else if !known {
			from = "not having been there"
		}
		value := s.Value
		f := Finding{Series: series, Measured: &value, Operator: "==", Limit: &want,
			Text: prefix(series, fmt.Sprintf("back at %s", Quantity{Value: value}))}
		rest, before := baseline[keyOf(s.Labels)]
		switch {
		case value == want:
		case r.To != nil && before && value == rest && value == want+1: // the one request in flight at rest is the scrape
			f.Text = prefix(series, fmt.Sprintf("back at %s, as before the load: it counts the scrape itself", Quantity{Value: value}))
		default: // as is what is no number
			f.Verdict = Untruthful
			f.Text = prefix(series, fmt.Sprintf("%s when all was over, %s at %s", Quantity{Value: value}, Quantity{Value: want}, from))
			if r.To != nil && before && value == rest {
				f.Text += fmt.Sprintf("; it was %s before the load, too: leave out \"to\" to compare with that", Quantity{Value: rest})
			}
		}
		findings = append(findings, f)
	}
	return findings
}
