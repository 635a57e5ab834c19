package assertions

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// excuse makes inconclusive what the falls of counters explain. After a restart the service is short of counts; where several
// processes may answer in turn, it may have too many as well.
func excuse(findings, falls []Finding) {
	several := slices.ContainsFunc(falls, func(f Finding) bool { return strings.Contains(f.Text, mayBeSeveral) })
	for n, f := range findings {
		switch {
		case f.Verdict != Untruthful:
		case several:
			findings[n].Verdict = Inconclusive
		case f.Count.Difference < 0:
			findings[n].Verdict = Inconclusive
			findings[n].Text += "; so much may be what it had counted before it restarted"
		}
	}
}

// doubt makes findings inconclusive when what they were made from did not all arrive: what the query counts is above 0.
func doubt(ctx context.Context, e Evidence, w Window, q Query, findings []Finding) error {
	if q.IsZero() {
		return nil
	}
	lost, known, err := single(ctx, e, w, q)
	if err != nil || !known || lost <= 0 {
		return err
	}
	for n, f := range findings {
		if f.Verdict == Untruthful {
			findings[n].Verdict = Inconclusive
			findings[n].Text += fmt.Sprintf("; %s were dropped before they could be counted", Quantity{Value: lost})
		}
	}
	return nil
}

// targetStarted is the series that is there when the target was started for the run: nobody else knows of it.
const targetStarted = "brrtload_target_cpu_seconds_total"
