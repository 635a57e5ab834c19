package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/prometheus"
	"brrtload/internal/quantity"
	"brrtload/internal/relay"
	"brrtload/internal/rounds"
	"brrtload/internal/scrape"
	"brrtload/reports"
)

// collect takes in what the server has kept of the run, once it is over. An error means that it
// could not be read.
func (r *runner) collect(ctx context.Context) error {
	p := r.relay
	if p == nil || p.Baseline.IsZero() {
		return nil
	}
	if p.Done.IsZero() {
		p.Done = r.loop.Stamp()
	}
	var now time.Time
	var read prometheus.Read
	var err error
	if now, err = p.Tick(ctx); err == nil {
		err = relay.Trying(ctx, relay.Reachable, func() error {
			read, err = p.Server.Read(ctx, p.Touched.Add(-relay.History), now.Add(relay.Unsure), p.Clock)
			return err
		})
	}
	if partial := new(prometheus.Partial); errors.As(err, partial) {
		p.Doubt, err = err.Error(), nil
	}
	if err != nil {
		r.store.Relay(evidence.Relayed{Every: p.Every, Doubt: "the samples could not be read: " + err.Error()})
		return ends(reports.MetricsLost, "after the load the target's metrics could not be read any longer: %w", err)
	}
	if len(read.Left) > 0 {
		r.note("these series match and were left out, for they are results of rules or have times of their own: %s",
			names(read.Left))
	}
	r.replay(read)
	return nil
}

// replay takes the scrapes into the store, and what they show into the client's records.
func (r *runner) replay(read prometheus.Read) {
	p := r.relay
	doubt := func(format string, args ...any) {
		if p.Doubt == "" {
			p.Doubt = fmt.Sprintf(format, args...)
		}
	}
	if read.Doubt != "" {
		doubt("%s", read.Doubt)
	}
	if len(read.Endpoints) == 0 {
		doubt("Prometheus has no samples of the run")
	}
	q := rounds.Quietness{Rested: relay.History}
	after := rounds.Quietness{}
	var first, last []time.Time
	for _, kept := range read.Endpoints {
		got := kept.Replay(r.store, scrape.Moments{Touched: r.report.Started, Baseline: p.Baseline, Over: p.Done})
		p.Stats = append(p.Stats, got.Stats)
		if err := r.client.KeptScrapes(kept); err != nil {
			doubt("the scrapes of %s cannot be stored: %v", kept.Name, err)
		}
		gone := len(kept.Rounds) > 0 && kept.Rounds[len(kept.Rounds)-1].At.Before(p.Baseline.Add(-relay.Live*p.Every))
		switch {
		case got.Err != nil:
			doubt("the samples of %s cannot be stored: %v", kept.Name, got.Err)
		case gone: // before the run
			continue
		case got.First.IsZero():
			doubt("%s appears during the run, and does not expose process_start_time_seconds: what it counted before is not known", kept.Name)
		case got.Last.IsZero():
			doubt("Prometheus has no scrape of %s after the load: what it counted last is not known", kept.Name)
		}
		q.Others, q.Rested = append(q.Others, got.Before...), min(q.Rested, got.Rested)
		after.Others = append(after.Others, got.After...)
		first, last = append(first, got.First), append(last, got.Last)
	}
	r.store.Relay(evidence.Relayed{Every: p.Every, Doubt: p.Doubt})
	r.client.AtRest(q)
	r.client.AfterLoad(after)
	if len(q.Others) > 0 {
		r.note("before the load these already moved: %s; an exact count of them allows for other traffic at a steady rate, or is inconclusive", moves(q.Others))
	}
	if len(after.Others) > 0 {
		r.note("after the load these still moved: %s; exact counts of them are inconclusive", moves(after.Others))
	}
	if p.Doubt != "" || len(first) == 0 {
		return
	}
	before, behind := p.Baseline.Sub(slices.MinFunc(first, time.Time.Compare)), slices.MaxFunc(last, time.Time.Compare).Sub(p.Done)
	r.client.EdgesOfCounts(before, behind)
	r.note("the series of %s are those of Prometheus, which scrapes every %s: counts of the run begin up to %s before it and end up to %s after its last hit; what others did meanwhile is part of them",
		relay.Counted(len(first), "endpoint"), p.Every, quantity.Of(before.Seconds(), "s"), quantity.Of(behind.Seconds(), "s"))
}

// collectLate is how long what Prometheus has kept is read for when the run was cut.
const collectLate = 10 * time.Second

// collectAnyway is collect when the run may have been cut: what was measured is judged all the
// same.
func (r *runner) collectAnyway(ctx context.Context) {
	if r.relay == nil || r.report.End == reports.Unreachable {
		return
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), collectLate,
		errors.New("no complete answer in "+collectLate.String()))
	defer cancel()
	if err := r.collect(ctx); err != nil {
		if r.report.End == reports.Completed {
			r.ended(err)
		} else {
			r.note("%v", err)
		}
	}
	if r.loop != nil {
		r.client.Record(r.loop.Stamp())
	}
}
