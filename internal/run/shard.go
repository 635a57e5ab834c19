package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/load"
	"brrtload/internal/machine"
	"brrtload/internal/shard"
	"brrtload/reports"
	"brrtload/scenarios"
)

// The files of a run directory that a shard keeps for [Merge].
const (
	partFile   = "shard.json"
	ledgerFile = "ledger.json"
)

// partVersion grows when a reader of the last shard.json or ledger.json would misread the next.
const partVersion = 1

// part is shard.json: which part of which load a shard sends, and how that went.
type part struct {
	Version int `json:"version"`
	shard.Shard
	Outline string `json:"outline"` // of the whole plan
	Planned uint64 `json:"planned"` // hits of this shard
	Boot    string `json:"boot,omitempty"`
	// Kept reports whether what follows is there: the shard came to its end.
	Kept   bool         `json:"kept"`
	Start  time.Time    `json:"start,omitzero"` // of the load, by the shard's own clock
	Done   time.Time    `json:"done,omitzero"`  // when the last hit was done, by the same
	Clock  shard.Clock  `json:"clock"`
	Ranges []load.Range `json:"ranges"` // of the shard's hits, those that are done
	Twice  uint64       `json:"twice"`
	Alien  uint64       `json:"alien"` // hits of other shards
}

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
	return writeFile(r.Dir, partFile, r.aboutPart())
}

func (r *runner) aboutPart() part {
	return part{Version: partVersion, Shard: r.Shard.Shard, Outline: r.whole.Outline(), Planned: r.plan.Hits(),
		Boot: machine.Boot()}
}

// How long before the start the baseline is taken: as long as a few scrapes take, and some more. What
// lies between the two belongs to the first window.
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
	return errors.Join(writeFile(r.Dir, ledgerFile, r.ledger.Snapshot().Keep(r.client.stepsTaken())), writeFile(r.Dir, partFile, p))
}

// partOnly is what is said of a shard in place of a judgement.
func (r *runner) partOnly() assertions.Judgement {
	sent := r.ledger.Counts().Sent
	j := assertions.Judgement{Verdict: assertions.NotApplicable, Reason: fmt.Sprintf(
		"shard %s sent %d of its %d hits; `brrtload merge` judges the run of all shards", r.Shard.Shard, sent, r.plan.Hits())}
	return j
}

// rowOf returns the row of the report that is the shard's.
func rowOf(p part, own reports.Report) reports.Shard {
	g := own.Generator
	row := reports.Shard{Index: p.Index, Of: p.Of, End: own.End, Planned: p.Planned, Sent: g.Sent, Dropped: g.Dropped,
		LagP99: g.Lag.P99, LagFloor: g.Floor.P99, CPUSeconds: g.CPUSeconds}
	if p.Clock.Known {
		row.ClockOffset, row.Uncertainty = &p.Clock.Offset, p.Clock.Uncertainty
	}
	return row
}

// writeFile writes a value as a file of the run directory, whole or not at all.
func writeFile(dir, name string, value any) error {
	draft := filepath.Join(dir, "."+name)
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	err = errors.Join(json.NewEncoder(buffered).Encode(value), buffered.Flush(), file.Close())
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(draft))
	}
	return os.Rename(draft, filepath.Join(dir, name))
}
