package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/machine"
	"brrtload/internal/merge"
	"brrtload/reports"
	"brrtload/scenarios"
)

// joined makes the shard known to the others and returns its plan. A shard other than 0 looks at
// nothing but its own hits.
func joined(ctx context.Context, o *Options, whole *scenarios.Plan) (*scenarios.Plan, error) {
	if err := o.Shard.Join(ctx, whole.Outline()); err != nil {
		return nil, err
	}
	if o.Shard.Index > 0 {
		quiet := *o.Scenario
		quiet.Target.Metrics = diag.Text{Value: scenarios.NoMetrics}
		quiet.Scrape.Endpoints, quiet.Scrape.Prometheus, quiet.Logs, quiet.Traces = nil, nil, nil, nil
		quiet.Memory = nil
		s := *o.Suite
		s.Scenario, s.Assertions = &quiet, nil
		o.Suite = &s
	}
	return whole.Shard(o.Shard.Index, o.Shard.Of), nil
}

// beginPart keeps which part of the load this is: should the shard be killed, that much is known.
func (r *runner) beginPart() error {
	r.numbers = r.ledger.Number(r.Shard.Index, r.Shard.Of)
	r.note("this is shard %s: it sends %d of %d hits, and `brrtload merge` judges the run", r.Shard.Shard,
		r.plan.Hits(), r.whole.Hits())
	return merge.WriteFile(r.Dir, merge.PartFile, r.aboutPart())
}

func (r *runner) aboutPart() merge.Part {
	return merge.Part{Version: merge.PartVersion, Shard: r.Shard.Shard, Outline: r.whole.Outline(), Planned: r.plan.Hits(),
		Boot: machine.Boot()}
}

// How long before the start the baseline is taken: as long as a few scrapes take, and some more.
// What lies between the two belongs to the first window.
const (
	leadLeast   = 100 * time.Millisecond
	leadScrapes = 3
)

// meet waits for the other shards and until shortly before the load starts.
func (r *runner) meet(ctx context.Context) error {
	if r.Shard == nil {
		return nil
	}
	ctx, cancel := r.untilStop(ctx)
	defer cancel()
	if r.Shard.Of > 1 && r.Shard.Barrier != "" {
		r.say("shard %s is ready and waits for the others", r.Shard.Shard)
	}
	var err error
	if r.startAt, err = r.Shard.Meet(ctx); err != nil {
		if ctx.Err() != nil {
			return context.Canceled
		}
		return end{reports.Unreachable, err}
	}
	if r.startAt.IsZero() {
		return nil
	}
	lead := leadLeast
	for _, s := range r.loop.Stats() {
		if s.Count > 0 {
			lead = max(lead, leadLeast+leadScrapes*s.Took/time.Duration(s.Count))
		}
	}
	wait := time.Until(r.startAt.Add(-lead))
	if late := time.Since(r.startAt); late > 0 {
		r.note("the start had passed %s before this shard was ready; give a later --start-at", late.Round(time.Millisecond))
	}
	r.say("shard %s starts in %s", r.Shard.Shard, max(0, wait+lead).Round(100*time.Millisecond))
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return context.Canceled
	}
}

// closing is what the others may need beyond the end of the plan and a hit's timeout.
const closing = 10 * time.Second

// part waits, at shard 0, until the hits of all are done.
func (r *runner) part(ctx context.Context) error {
	if r.Shard == nil {
		return nil
	}
	r.sentAll = time.Now()
	ctx, cancel := r.untilStop(ctx)
	defer cancel()
	atMost := time.Until(r.began.Add(r.plan.Length() + r.Scenario.Timeout + closing))
	missing, err := r.Shard.Part(ctx, max(atMost, time.Second))
	if err != nil {
		r.note("shard 0 could not be told that this shard is done: %v", err)
	}
	if len(missing) > 0 {
		r.note("these shards did not report that they are done: %s", strings.Trim(fmt.Sprint(missing), "[]"))
	}
	return nil
}

// keepPart writes the shard's ledger, and last which hits are in it.
func (r *runner) keepPart() error {
	if r.Shard == nil || r.numbers == nil {
		return nil
	}
	p := r.aboutPart()
	p.Kept, p.Start, p.Done, p.Clock = true, r.startAt, r.sentAll, r.Shard.Clock()
	if p.Start.IsZero() {
		p.Start = r.began
	}
	if p.Done.IsZero() { // the run was cut short
		p.Done = time.Now()
	}
	p.Ranges, p.Twice, p.Alien = r.numbers.Done()
	return errors.Join(merge.WriteFile(r.Dir, merge.LedgerFile, r.ledger.Snapshot().Keep(r.client.StepsTaken())), merge.WriteFile(r.Dir, merge.PartFile, p))
}

// partOnly is what is said of a shard in place of a judgement.
func (r *runner) partOnly() assertions.Judgement {
	sent := r.ledger.Counts().Sent
	j := assertions.Judgement{Verdict: assertions.NotApplicable, Reason: fmt.Sprintf(
		"shard %s sent %d of its %d hits; `brrtload merge` judges the run of all shards", r.Shard.Shard, sent, r.plan.Hits())}
	return j
}
