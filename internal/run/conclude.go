package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/internal/merge"
	"brrtload/internal/result"
	"brrtload/reports"
	"brrtload/reports/formats"
)

// conclude keeps the evidence, judges it, writes the reports, and completes the report itself. The
// evidence comes first: whatever happens to the judging, it can be done again.
func (r *runner) conclude(ctx context.Context) error {
	r.collectAnyway(ctx)
	r.store.Mark(r.client.Seen())
	r.endRemote()
	saved := errors.Join(r.store.Save(), r.unbroken(), r.keepPart())
	if saved != nil {
		r.note("the evidence could not be saved: %v", saved)
		if r.report.End == reports.Completed { // it could not be judged again: no pass
			r.report.End, r.report.Cause = reports.Failed, "the evidence could not be saved: the run cannot be judged again"
		}
	}
	r.report.Settle(r.judge(ctx))
	r.draw(ctx)
	r.report.Seconds = time.Since(r.report.Started).Seconds()
	r.report.Windows = r.store.Windows()
	snapshot := r.ledger.Snapshot()
	result.Fill(&r.report, snapshot, r.client.Edges(), r.began)
	r.report.Steps = result.StepsOf(r.client.StepsTaken())
	r.noteStacks(unanswered(snapshot))
	due := r.client.Due(time.Now(), snapshot.Sent)
	r.report.Generator.Dropped = due - min(due, snapshot.Sent) + snapshot.Unsent
	if r.Shard != nil {
		p := r.aboutPart()
		p.Clock = r.Shard.Clock()
		r.report.Shards = []reports.Shard{merge.RowOf(p, r.report)}
	}
	if r.loop != nil {
		stats := r.loop.Stats()
		if r.relay != nil {
			stats = append(stats, r.relay.Stats...)
		}
		r.report.Scrapes = result.Scrapes(stats)
		r.remark(stats)
	}
	r.report.Where = result.Provenance(r.strain)
	r.report = result.Redacted(r.report, r.Scenario.Redactor())
	r.report.Files = result.Kept(r.Dir)
	files, written := formats.Write(r.Dir, r.report)
	r.report.Files = append(r.report.Files, files...)
	if err := errors.Join(saved, written); err != nil {
		return fmt.Errorf("the run directory is not whole, and the report above is all that is kept of what it lacks: %w", err)
	}
	return nil
}

// unbroken reports by its error that something was removed from the run directory while the run used
// it.
func (r *runner) unbroken() error {
	for _, entry := range r.entries {
		if _, err := os.Lstat(filepath.Join(r.Dir, entry.Name())); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s was removed from the run directory while the run was under way", entry.Name())
		}
	}
	return nil
}

// judge holds the assertions against the evidence. When ctx ended before, the user wants what there
// is to be judged; when it ends meanwhile, not even that.
func (r *runner) judge(ctx context.Context) assertions.Judgement {
	r.interrupted()
	switch r.report.End { // nothing was measured
	case reports.Unreachable:
		return assertions.Judgement{Verdict: assertions.Error}
	case reports.Untraced:
		return assertions.Judgement{Verdict: assertions.Inconclusive}
	}
	if r.Shard != nil {
		return r.partOnly()
	}
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	judgement, err := r.Judge(ctx, r.store)
	r.interrupted()
	if still, failed := checks.Still(ctx, r.store); failed == nil && len(still) > 0 {
		r.note("%d families did not change in the whole run: %s", len(still), strings.Join(still, ", "))
	}
	if err != nil {
		r.note("the judging was cut; `brrtload verify %s` judges what was measured", r.Dir)
		return assertions.Judgement{Verdict: assertions.Inconclusive, Reason: err.Error()}
	}
	return judgement
}
