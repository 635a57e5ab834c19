package checks

import (
	"context"
	"fmt"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// atRest holds counters to standing still from the final scrape to the idle one, when nothing has
// been sent for a while: one that still moves counts late, or counts what did not happen.
// What moved before the load as well is moved by the scrapes, or by itself; what seldom moved under
// load is moved by itself. Of a service that was not started for the run, another caller may be the
// reason.
func (x *Exposition) atRest(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	run, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(run)}, nil
	}
	scraped, ok := e.Window(facts.Scraped)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(scraped)}, nil
	}
	before := facts.Window{Name: "before the load", Start: scraped.Start, End: run.Start}
	var findings []assertions.Finding
	ours, err := promql.Present(ctx, e, scraped, facts.TargetStarted)
	if err != nil {
		return nil, err
	}
	names := slices.DeleteFunc(cumulatives(e, w), func(name string) bool { return facts.MovesByItself(facts.FamilyOf(name)) || x.excepts(name) })
	if len(names) == 0 {
		return []assertions.Finding{noCounters}, nil
	}
	for _, name := range names {
		late, err := e.Query(ctx, fmt.Sprintf("increase(%s[range()] anchored) > 0", promql.SelectorOf(name)), w)
		if err != nil {
			return nil, err
		}
		if len(late.Series) == 0 {
			continue
		}
		alone, err := e.Query(ctx, fmt.Sprintf("max by () (changes(%s[range()])) > 0", promql.SelectorOf(name)), before)
		if err != nil {
			return nil, err
		}
		driven, err := byHits(ctx, e, name)
		if err != nil {
			return nil, err
		}
		for _, s := range late.Series {
			f := assertions.Finding{Series: facts.WithoutName(s.Labels), Metrics: []string{name},
				Text: fmt.Sprintf("%s increased by %s after the load ended", name, quantity.Quantity{Value: s.Value})}
			switch f.Verdict = assertions.Untruthful; {
			case len(alone.Series) > 0:
				f.Verdict = assertions.Pass
				f.Text += ", as before the load"
			case !driven:
				f.Verdict = assertions.Pass
				f.Text += "; it seldom moved under load: it moves by itself"
			case !ours:
				f.Doubtful(f.Text + ": it counts late, or another caller uses the service")
			}
			findings = append(findings, f)
		}
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Text: fmt.Sprintf("none of %s moved after the load",
			assertions.Counting(len(names), "counter"))}}
	}
	return findings, nil
}

// seldomMoved is the share of scrapes under load in which what hits move must have moved.
const seldomMoved = 0.5

// byHits reports whether some series of a counter moved in most scrapes under load, as hits make
// it. A job that runs every few seconds does not.
func byHits(ctx context.Context, e facts.Evidence, name string) (bool, error) {
	w, ok := e.Window(facts.Steady)
	if !ok {
		return true, nil
	}
	share, known, err := promql.Single(ctx, e, w,
		promql.Must(fmt.Sprintf("max by () (changes(%[1]s[range()]) / (count_over_time(%[1]s[range()]) - 1 > 0))",
			promql.SelectorOf(name))))
	return known && share >= seldomMoved, err
}
