package checks

import (
	"context"
	"fmt"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// InFlight says that a gauge of requests in flight shows those that are: brrtload knows of every
// scrape how many hits were in flight from its beginning to its end. A service need not have begun
// with all of them, and may be done with some; but a gauge that is at rest in more than four of
// five such scrapes, and in at least ten, counts something else, or moves only now and then.
type InFlight struct{ promql.Query }

const (
	// fewAmid scrapes with hits in flight throughout are enough to see that a gauge never moves,
	// and minAmid to see that it seldom does.
	fewAmid, minAmid = 5, 10
	// seldom is the share of such scrapes in which the gauge must be above rest.
	seldom = 0.2
)

func (c *InFlight) bearing() assertions.Bearing {
	return assertions.Bearing{}
}

func (c *InFlight) window() string    { return facts.Run }
func (c *InFlight) metrics() []string { return c.Query.Metrics() }
func (c *InFlight) query() string     { return c.Query.String() }

func (c *InFlight) judge(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	amid, known, err := promql.Single(ctx, e, w,
		promql.Must("sum(increase(brrtload_scrapes_amid_hits_total[range()] anchored))"))
	if err != nil {
		return nil, err
	}
	if !known || amid < fewAmid {
		return []assertions.Finding{{Verdict: assertions.NotApplicable, Text: fmt.Sprintf("%s scrapes found a hit in flight from beginning to end; %d are needed, so add a slow request",
			quantity.Quantity{Value: amid}, fewAmid)}}, nil
	}
	missing, err := assertions.Absent(ctx, e, w, c.Query)
	if err != nil || len(missing) > 0 {
		return missing, err
	}
	// Both are steps: the gauge is of the last scrape, and so is the number of hits in flight
	// throughout.
	step := max(20*time.Millisecond, w.End.Sub(w.Start)/5000).Milliseconds()
	gauge, through := "sum("+c.Query.String()+")", "(sum(brrtload_in_flight_throughout_scrape) > 0)"
	rest, known, err := promql.Single(ctx, e, facts.Window{Name: w.Name, Start: w.Start.Add(-time.Second),
		End: w.Start}, promql.Must(gauge))
	if err != nil {
		return nil, err
	}
	if !known {
		rest = 0 // it was not there before the load
	}
	seen, known, err := promql.Single(ctx, e, w, promql.Must(fmt.Sprintf("sum_over_time(((%[1]s > bool %[2]s) and %[3]s)[range():%[4]dms]) / count_over_time(%[3]s[range():%[4]dms])",
		gauge, promql.Number(rest), through, step)))
	if err != nil {
		return nil, err
	}
	if !known {
		return []assertions.Finding{{Verdict: assertions.Inconclusive,
			Text: fmt.Sprintf("%s gives no single value", c.Query)}}, nil
	}
	f := assertions.Finding{Samples: int(amid),
		Text: fmt.Sprintf("%s was above rest in %s of the %s scrapes amid hits in flight",
			c.Query, quantity.Of(seen, "ratio"), quantity.Quantity{Value: amid})}
	switch {
	case seen == 0:
		f.Verdict, f.Text = assertions.Untruthful, fmt.Sprintf("%s was never above rest in %s scrapes amid hits in flight", c.Query, quantity.Quantity{Value: amid})
	case seen < seldom && amid >= minAmid:
		f.Verdict = assertions.Untruthful
		f.Text += ": it does not show what is in flight"
	}
	return []assertions.Finding{f}, nil
}
