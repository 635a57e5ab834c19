package run

import (
	"context"
	"time"

	"brrtload/internal/load"
	"brrtload/reports/terminal"
	"brrtload/scenarios"
)

// tickTime is how often progress is shown.
const tickTime = time.Second

// watchProgress shows how the load is getting on until ctx ends.
func (r *runner) watchProgress(ctx context.Context) {
	if r.Progress.Quiet() {
		return
	}
	ticker := time.NewTicker(tickTime)
	defer ticker.Stop()
	var before load.Snapshot
	budgets := tightest{among: r.Assertions, store: r.store, underWay: r.underWay}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			elapsed := time.Since(r.began)
			now := r.ledger.Counts()
			t := tick(r, before, now, elapsed)
			if r.Shard == nil {
				t.Tightest = budgets.look(ctx, t.Stage)
			}
			r.Progress.Update(t)
			before = load.Snapshot{Sent: now.Sent, Done: now.Done}
		}
	}
}

func tick(r *runner, before, now load.Snapshot, elapsed time.Duration) terminal.Tick {
	at := stageAt(r.plan.Stages(), elapsed)
	t := terminal.Tick{
		Elapsed: elapsed.Seconds(), Total: r.plan.Length().Seconds(), Stage: r.plan.Stages()[at].Name, Sent: now.Sent,
		Rate: float64(now.Done-before.Done) / tickTime.Seconds(),
	}
	if due := r.client.Due(r.began.Add(elapsed), now.Sent) - r.client.Due(r.began.Add(elapsed-tickTime),
		before.Sent); due > 0 {
		t.Planned = float64(due) / tickTime.Seconds()
	}
	for _, row := range now.Rows {
		if row.Unexpected {
			t.Errors += row.Hits
		}
	}
	t.P99 = r.client.LatencyP99(at)
	return t
}

// stageAt returns the index of the stage whose figures are shown when so much of the load has
// passed. They are those of the last tick's time: of the stage in which it began.
func stageAt(stages []scenarios.Span, elapsed time.Duration) int {
	at := 0
	for at+1 < len(stages) && elapsed-tickTime >= stages[at].End {
		at++
	}
	return at
}
