package identities

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// allow makes findings less than an accusation where something else explains the difference: other
// traffic, late counting, an old exposition at the baseline.
func (i *Identity) allow(ctx context.Context, e facts.Evidence, findings []assertions.Finding) error {
	return errors.Join(i.allowOpen(ctx, e, findings), i.allowOthers(ctx, e, findings), i.allowLate(ctx, e, findings),
		i.allowLag(ctx, e, findings))
}

// openHits are the hits of which the service may have counted any: sent, and not answered whole.
const openHits = `sum(increase(brrtload_hits_total{outcome=~"ambiguous|cut"}[range()] anchored))`

// allowOpen makes inconclusive a surplus that such hits explain, where the identity has no interval
// for them.
func (i *Identity) allowOpen(ctx context.Context, e facts.Evidence, findings []assertions.Finding) error {
	w, ok := e.Window(facts.Run)
	over := func(f assertions.Finding) bool { return f.Differs() && f.Count.Difference > 0 }
	if !ok || i.Client.IsZero() || !i.Ambiguous.IsZero() || !slices.ContainsFunc(findings, over) {
		return nil
	}
	hits, known, err := promql.Single(ctx, e, w, promql.Must(openHits))
	if err != nil || !known {
		return err
	}
	for n, f := range findings {
		if over(f) && f.Count.Difference <= hits {
			findings[n].Doubtful(fmt.Sprintf("%s hits were sent and not answered whole, and the service may have counted them: %s; write ambiguous: %s",
				quantity.Quantity{Value: hits}, f.Text, openHits))
		}
	}
	return nil
}

// allowOthers allows for what moved the counters besides the run, where the sides differ. More than
// the client sent may be other traffic: up to what its steady rate adds that is an interval, and
// beyond, or where the rate was not steady, it is inconclusive. What was still moving after the
// load is inconclusive either way. It goes by label set: those that nothing else moves are exact.
func (i *Identity) allowOthers(ctx context.Context, e facts.Evidence, findings []assertions.Finding) error {
	if !slices.ContainsFunc(findings, assertions.Finding.Differs) {
		return nil
	}
	moved, err := promql.Movements(ctx, e, i.Server, i.Other)
	if err != nil || len(moved) == 0 {
		return err
	}
	var shares [3]map[facts.LabelSet]float64
	known := true
	for n, series := range []string{promql.BackgroundRate, promql.BackgroundMost, promql.UnsettledRate} {
		if shares[n], known, err = i.Server.Share(ctx, e, series); err != nil {
			return err
		}
	}
	for n, f := range findings {
		if !f.Differs() {
			continue
		}
		rate, most, after := shareOf(shares[0], f), math.Ceil(shareOf(shares[1], f)), shareOf(shares[2], f)
		surplus := rate > 0 && f.Count.Difference > 0
		switch {
		case !known, !i.Other.IsZero(), after > 0, surplus && f.Count.Difference > most:
			findings[n].Doubtful(promql.OtherTraffic(moved, f.Series) + "; " + f.Text)
		case surplus:
			count := *f.Count
			count.Ambiguous, count.Difference = count.Ambiguous+most, 0
			findings[n] = assertions.Finding{Series: f.Series, Count: &count, Text: i.sentence(f.Series, count) +
				fmt.Sprintf("; up to %s are other traffic, which moved it by %s/s before the load",
					quantity.Quantity{Value: most}, quantity.Quantity{Value: rate})}
		}
	}
	return nil
}

// shareOf returns the share of the finding's label set; that of all together for a finding about the
// total.
func shareOf(shares map[facts.LabelSet]float64, f assertions.Finding) float64 {
	if len(f.Series) > 0 {
		return shares[facts.KeyOf(f.Series)]
	}
	sum := 0.0
	for _, share := range shares {
		sum += share
	}
	return sum
}

// allowLate makes inconclusive what the service lacked at the final scrape and had counted at the
// idle one.
func (i *Identity) allowLate(ctx context.Context, e facts.Evidence, findings []assertions.Finding) error {
	short := func(f assertions.Finding) bool { return f.Differs() && f.Count.Difference < 0 }
	idle, ok := e.Window(facts.Idle)
	if !ok || !slices.ContainsFunc(findings, short) {
		return nil
	}
	late, err := e.Query(ctx, i.Server.String(), idle)
	if err != nil {
		return err
	}
	sent, err := e.Query(ctx, i.reference().String(), idle)
	if err != nil {
		return err
	}
	by := map[facts.LabelSet]float64{}
	for _, s := range late.Series {
		by[facts.KeyOf(s.Labels)] += s.Value
	}
	for _, s := range sent.Series {
		by[facts.KeyOf(s.Labels)] -= s.Value
	}
	for n, f := range findings {
		if !short(f) {
			continue
		}
		if counted := by[facts.KeyOf(f.Series)]; counted > 0 && counted >= -f.Count.Difference {
			findings[n].Doubtful(f.Text + fmt.Sprintf("; it counted %s more after the final scrape: it counts late",
				quantity.Quantity{Value: counted}))
		}
	}
	return nil
}

// allowLag makes inconclusive what a service has too many of when its exposition was older at the
// baseline than the run had seen it at rest: what it had counted before may show in the run.
func (i *Identity) allowLag(ctx context.Context, e facts.Evidence, findings []assertions.Finding) error {
	w, ok := e.Window(facts.Scraped)
	over := func(f assertions.Finding) bool { return f.Differs() && f.Count.Difference > 0 }
	if !ok || !i.Other.IsZero() || !slices.ContainsFunc(findings, over) {
		return nil
	}
	lag, known, err := promql.Single(ctx, e, w,
		promql.Must("max(last_over_time(brrtload_exposition_lag_seconds[range()]))"))
	if err != nil || !known {
		return err
	}
	rested, known, err := promql.Single(ctx, e, w,
		promql.Must("max(last_over_time(brrtload_rested_before_load_seconds[range()]))"))
	if err != nil || !known || rested >= lag {
		return err
	}
	for n, f := range findings {
		if over(f) {
			findings[n].Doubtful(f.Text +
				fmt.Sprintf("; the exposition lags by %s, and the run saw only %s before the load",
					quantity.Of(lag, "s"), quantity.Of(rested, "s")))
		}
	}
	return nil
}
