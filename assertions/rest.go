package assertions

import (
	"context"
	"fmt"
	"slices"

	"brrtload/internal/facts"
)

// atRest holds counters to standing still from the final scrape to the idle one, when nothing has been sent for a while: one
// that still moves counts late, or counts something that nobody did. What moved before the load as well is moved by the
// scrapes, or by itself; what seldom moved under load is moved by itself. Of a service that was not started for the run,
// another caller may be the reason.
func (x *Exposition) atRest(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	run, ok := e.Window(Run)
	if !ok {
		return []Finding{noWindow(run)}, nil
	}
	scraped, ok := e.Window(Scraped)
	if !ok {
		return []Finding{noWindow(scraped)}, nil
	}
	before := Window{Name: "before the load", Start: scraped.Start, End: run.Start}
	var findings []Finding
	ours, err := present(ctx, e, scraped, targetStarted)
	if err != nil {
		return nil, err
	}
	names := slices.DeleteFunc(cumulatives(e, w), func(name string) bool { return facts.MovesByItself(family(name)) || x.excepts(name) })
	if len(names) == 0 {
		return []Finding{noCounters}, nil
	}
	for _, name := range names {
		late, err := e.Query(ctx, fmt.Sprintf("increase(%s[range()] anchored) > 0", selectorOf(name)), w)
		if err != nil {
			return nil, err
		}
		if len(late.Series) == 0 {
			continue
		}
		alone, err := e.Query(ctx, fmt.Sprintf("max by () (changes(%s[range()])) > 0", selectorOf(name)), before)
		if err != nil {
			return nil, err
		}
		driven, err := byHits(ctx, e, name)
		if err != nil {
			return nil, err
		}
		for _, s := range late.Series {
			f := Finding{Series: withoutName(s.Labels), Metrics: []string{name},
				Text: fmt.Sprintf("%s went up by %s after all was over", name, Quantity{Value: s.Value})}
			switch f.Verdict = Untruthful; {
			case len(alone.Series) > 0:
				f.Verdict = Pass
				f.Text += ", as it did before anything was sent"
			case !driven:
				f.Verdict = Pass
				f.Text += "; it seldom moved under load: it moves by itself"
			case !ours:
				f.doubtful(f.Text + ": it counts late, or another caller uses the service")
			}
			findings = append(findings, f)
		}
	}
	if len(findings) == 0 {
		findings = []Finding{{Text: fmt.Sprintf("none of %s moved once all was over", counting(len(names), "counter"))}}
	}
	return findings, nil
}

// seldomMoved is the share of scrapes under load in which what hits move must have moved.
const seldomMoved = 0.5

// byHits reports whether some series of a counter moved in most scrapes under load, as hits make it. A job that runs every few
// seconds does not.
func byHits(ctx context.Context, e Evidence, name string) (bool, error) {
	w, ok := e.Window(Steady)
	if !ok {
		return true, nil
	}
	share, known, err := single(ctx, e, w, query(fmt.Sprintf("max by () (changes(%[1]s[range()]) / (count_over_time(%[1]s[range()]) - 1 > 0))", selectorOf(name))))
	return known && share >= seldomMoved, err
}
