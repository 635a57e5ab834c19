package assertions

import (
	"context"
	"fmt"
	"time"
)

// InFlight says that a gauge of requests in flight shows those that are: brrtload knows of every scrape how many hits were in flight from its beginning to its
// end. A service need not have begun with all of them, and may be done with some; but a gauge that is at rest in more than four of five
// such scrapes, and in at least ten, counts something else, or moves only now and then.
type InFlight struct{ Query }

const (
	// fewAmid scrapes with hits in flight throughout are enough to see that a gauge never moves, and minAmid to see that it seldom does.
	fewAmid, minAmid = 5, 10
	// seldom is the share of such scrapes in which the gauge must be above rest.
	seldom = 0.2
)

func (c *InFlight) bearing() Bearing {
	return Bearing{}
}

func (c *InFlight) window() string    { return Run }
func (c *InFlight) metrics() []string { return c.Query.metrics() }
func (c *InFlight) query() string     { return c.Query.String() }

func (c *InFlight) judge(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	amid, known, err := single(ctx, e, w, query("sum(increase(brrtload_scrapes_amid_hits_total[range()] anchored))"))
	if err != nil {
		return nil, err
	}
	if !known || amid < fewAmid {
		return []Finding{{Verdict: NotApplicable, Text: fmt.Sprintf("%s scrapes found a hit in flight from beginning to end; %d are needed, so add a slow request",
			Quantity{Value: amid}, fewAmid)}}, nil
	}
	missing, err := absent(ctx, e, w, c.Query)
	if err != nil || len(missing) > 0 {
		return missing, err
	}
	// Both are steps: the gauge is of the last scrape, and so is the number of hits in flight throughout.
	step := max(20*time.Millisecond, w.End.Sub(w.Start)/5000).Milliseconds()
	gauge, through := "sum("+c.Query.String()+")", "(sum(brrtload_in_flight_throughout_scrape) > 0)"
	rest, known, err := single(ctx, e, Window{Name: w.Name, Start: w.Start.Add(-time.Second), End: w.Start}, query(gauge))
	if err != nil {
		return nil, err
	}
	if !known {
		rest = 0 // it was not there before the load
	}
	seen, known, err := single(ctx, e, w, query(fmt.Sprintf("sum_over_time(((%[1]s > bool %[2]s) and %[3]s)[range():%[4]dms]) / count_over_time(%[3]s[range():%[4]dms])",
		gauge, number(rest), through, step)))
	if err != nil {
		return nil, err
	}
	if !known {
		return []Finding{{Verdict: Inconclusive, Text: fmt.Sprintf("%s gives no single value", c.Query)}}, nil
	}
	f := Finding{Samples: int(amid), Text: fmt.Sprintf("%s was above rest in %s of the %s scrapes amid hits in flight",
		c.Query, Quantity{seen, "ratio"}, Quantity{Value: amid})}
	switch {
	case seen == 0:
		f.Verdict, f.Text = Untruthful, fmt.Sprintf("%s was never above rest in %s scrapes amid hits in flight", c.Query, Quantity{Value: amid})
	case seen < seldom && amid >= minAmid:
		f.Verdict = Untruthful
		f.Text += ": it does not show what is in flight"
	}
	return []Finding{f}, nil
}
