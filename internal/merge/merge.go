// Package merge makes one run of what several shards kept: ledgers and histograms are added up
// exactly, each hit of the plan is counted once, and the run is judged as if one machine had sent
// it.
package merge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/internal/charts"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/load"
	"brrtload/internal/quantity"
	"brrtload/internal/record"
	"brrtload/internal/result"
	"brrtload/internal/shard"
	"brrtload/internal/suite"
	"brrtload/reports"
	"brrtload/reports/formats"
	"brrtload/scenarios"
)

// Options say what the shards were of, and where the merged run is kept.
type Options struct {
	*suite.Suite
	Dir string // the run directory; it exists and is empty
	// Joined is called when there is one ledger and one evidence, before they are judged. It may be
	// nil.
	Joined func()
}

// Merge makes one run of the shards: their ledgers and histograms added up, their series added up
// beside what shard 0 scraped, and all of it judged once. It returns the report, which is also
// written to the run directory. A run of which a shard is missing is not judged: it is inconclusive.
// An error means that the result could not be made or kept.
func (s *Shards) Merge(ctx context.Context, o Options) (reports.Report, error) {
	base := s.parts[0]
	plan, err := o.Scenario.Plan(base.report.Seed)
	if err != nil {
		return reports.Report{}, err
	}
	ledgers := make([]load.Kept, len(s.parts))
	for i, p := range s.parts {
		ledgers[i] = p.ledger
	}
	joined := load.Join(ledgers...)
	joined.Planned = plan.Hits()
	snapshot, err := joined.Snapshot(plan)
	if err != nil {
		return reports.Report{}, err
	}
	if err := copyRun(base.dir, o.Dir); err != nil {
		return reports.Report{}, err
	}
	if err := WriteFile(o.Dir, LedgerFile, joined); err != nil {
		return reports.Report{}, err
	}
	m := &merged{Shards: s, Options: o, plan: plan, report: s.report(plan)}
	m.report.Directory = o.Dir
	store, err := m.evidence(ctx)
	if err != nil {
		return m.report, err
	}
	defer store.Close() //nolint:errcheck // it was only read
	if o.Joined != nil {
		o.Joined()
	}
	m.judge(ctx, store)
	result.Fill(&m.report, snapshot, m.stages, base.Start)
	if m.report.Generator.Sent > 0 {
		m.report.Generator.CPUPerHit = m.report.Generator.CPUSeconds / float64(m.report.Generator.Sent)
	}
	m.report.Steps = result.StepsOf(joined.Steps)
	m.draw(ctx, store)
	m.report.Windows = store.Windows()
	m.report = result.Redacted(m.report, o.Scenario.Redactor())
	m.report.Files = result.Kept(o.Dir)
	files, err := formats.Write(o.Dir, m.report)
	m.report.Files = append(m.report.Files, files...)
	return m.report, err
}

// merged is a run that is being made of shards.
type merged struct {
	*Shards
	Options
	plan   *scenarios.Plan
	report reports.Report
	stages []record.Stage
}

// report begins the report of the run: that of shard 0, with the sums of all.
func (s *Shards) report(plan *scenarios.Plan) reports.Report {
	r := s.parts[0].report
	r.Command, r.Checks, r.Timeline, r.Exhibits, r.Log, r.Failures = "merge", nil, nil, nil, nil, nil
	r.Notes, r.Shards, r.End, r.Cause = nil, nil, reports.Completed, ""
	r.Generator = reports.Generator{}
	var missing []string
	var lost uint64
	for _, i := range s.Missing() {
		row := reports.Shard{Index: i, Of: s.of, Missing: true, Planned: plan.Shard(i, s.of).Hits()}
		r.Shards = append(r.Shards, row)
		missing, lost = append(missing, fmt.Sprint(i)), lost+row.Planned
	}
	for _, p := range s.parts {
		r.Shards = append(r.Shards, RowOf(p.Part, p.report))
		g := p.report.Generator
		r.Generator.CPUSeconds += g.CPUSeconds
		r.Generator.Dropped += g.Dropped
		if g.Floor.P99 >= r.Generator.Floor.P99 {
			r.Generator.Floor = g.Floor
		}
		r.Seconds = max(r.Seconds, p.report.Seconds)
		if p.report.End != reports.Completed && r.End == reports.Completed {
			r.End, r.Cause = p.report.End, fmt.Sprintf("shard %s: %s", p.Shard, p.report.Cause)
		}
		for _, note := range p.report.Notes {
			if strings.HasPrefix(note, "this is shard ") {
				continue
			}
			if p.Index > 0 {
				note = fmt.Sprintf("shard %d: %s", p.Index, note)
			}
			r.Notes = append(r.Notes, note)
		}
		if p.Index > 0 && p.report.Started.Before(r.Started) {
			r.Started = p.report.Started
		}
	}
	slices.SortFunc(r.Shards, func(a, b reports.Shard) int { return int(a.Index) - int(b.Index) })
	if len(missing) > 0 {
		r.End = reports.Incomplete
		r.Cause = fmt.Sprintf("%d of %d shards kept nothing (%s): %d of %d hits are missing; run all shards again",
			len(missing), s.of, strings.Join(missing, ", "), lost, plan.Hits())
	}
	return r
}

// evidence makes the evidence of the merged run, keeps it, and opens it.
func (m *merged) evidence(ctx context.Context) (*evidence.Store, error) {
	var closing []func() error
	defer func() {
		for _, end := range closing {
			_ = end() // they were only read
		}
	}()
	store, err := evidence.Create(m.Dir)
	if err != nil {
		return nil, err
	}
	closing = append(closing, store.Close)
	sums := &sums{to: store}
	var base *evidence.Store
	for i, p := range m.parts {
		from, err := evidence.Open(p.dir)
		if err != nil {
			return nil, err
		}
		closing = append(closing, from.Close)
		if i == 0 {
			base = from
			store.Adopt(base)
			m.stages = stagesIn(base, m.plan)
			sums.stages = m.stages
		}
		series, end, err := readSeries(ctx, from, -seconds(p.clock(m.parts[0]).Offset))
		if err != nil {
			return nil, err
		}
		closing = slices.Insert(closing, 0, end)
		sums.shards = append(sums.shards, series)
	}
	if err := sums.write(ctx); err != nil {
		return nil, err
	}
	if err := m.clocks(store); err != nil {
		return nil, err
	}
	if err := store.SaveOver(ctx, base, slices.Concat(record.SummedSeries, record.BusiestSeries, record.LargestSeries)); err != nil {
		return nil, err
	}
	return evidence.Open(m.Dir)
}

// stagesIn returns the plan's stages with the edges that they have in the evidence.
func stagesIn(store *evidence.Store, plan *scenarios.Plan) (list []record.Stage) {
	for _, span := range plan.Stages() {
		w, _ := store.Window(span.Name)
		list = append(list, record.Stage{Span: span, Start: w.Start, End: w.End, NoStart: w.Start.IsZero(), NoEnd: w.End.IsZero()})
	}
	return list
}

// clock returns how far the shard's clock is from that of shard 0: as it was measured, and not at
// all on the same machine.
func (p keptPart) clock(zero keptPart) shard.Clock {
	if p.Index == 0 || p.Boot != "" && p.Boot == zero.Boot && !p.Clock.Known {
		return shard.Clock{Known: true}
	}
	return p.Clock
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// clocks writes how far the clocks were apart, and takes the run's window back when some shard may
// have sent hits beyond its edges: then what was counted between them is not what was sent.
func (m *merged) clocks(store *evidence.Store) error {
	whole, known := store.Window(facts.Run)
	if !known {
		return nil
	}
	zero := m.parts[0]
	batch := store.At(whole.End)
	record.AddShards(batch, m.of)
	var outside []string
	for i, p := range m.parts {
		c := p.clock(zero)
		for j := range m.report.Shards {
			if row := &m.report.Shards[j]; row.Index == p.Index && c.Known {
				row.ClockOffset, row.Uncertainty = &c.Offset, c.Uncertainty
			}
		}
		if !c.Known {
			outside = append(outside, fmt.Sprintf("the clock of shard %d was not compared with that of shard 0; give all shards --barrier", p.Index))
			continue
		}
		record.AddClock(batch, p.Index, c.Offset)
		started, ended := p.Start.Add(-seconds(c.Offset)), p.Done.Add(-seconds(c.Offset))
		doubt := seconds(c.Uncertainty)
		if early := whole.Start.Sub(started.Add(-doubt)); i > 0 && early > 0 {
			outside = append(outside, fmt.Sprintf("shard %d began %s before the baseline scrape", p.Index, quantity.Seconds(early.Seconds())))
		}
		if late := ended.Add(doubt).Sub(whole.End); i > 0 && late > 0 {
			outside = append(outside, fmt.Sprintf("shard %d sent until %s after the final scrape", p.Index, quantity.Seconds(late.Seconds())))
		}
	}
	if len(outside) > 0 {
		m.report.Notes = append(m.report.Notes, outside...)
		store.Mark(facts.Window{Name: facts.Run, Start: whole.Start, Missing: outside[0]})
	}
	return batch.Commit()
}

// judge judges the merged evidence, unless a shard is missing.
func (m *merged) judge(ctx context.Context, store *evidence.Store) {
	var j assertions.Judgement
	if m.report.End != reports.Incomplete {
		var err error
		if j, err = m.Judge(ctx, store); err != nil {
			j = assertions.Judgement{Verdict: assertions.Inconclusive, Reason: err.Error()}
		}
	}
	m.report.Settle(j)
}

// draw adds the charts.
func (m *merged) draw(ctx context.Context, store *evidence.Store) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), result.ChartsTime)
	defer cancel()
	in := charts.Input{Store: store, Assertions: m.Assertions, Checks: m.report.Checks, Began: m.parts[0].Start,
		Finest: 2 * max(m.Scenario.Scrape.Interval, record.TimedEvery(m.plan))}
	for _, s := range m.stages {
		in.Stages = append(in.Stages, charts.Stage{Name: s.Name, Start: s.Start, End: s.End, WarmUp: s.Phase == scenarios.WarmUp})
	}
	timeline, err := charts.Timeline(ctx, in)
	if err != nil {
		m.report.Notes = append(m.report.Notes, fmt.Sprintf("the report lacks some charts: %v", err))
	}
	m.report.Timeline = timeline
	m.report.Exhibits = charts.Exhibits(m.Dir, m.report.Checks)
	m.report.Log = charts.Logged(m.Dir, m.parts[0].Start, m.report.Checks)
}

// copyRun copies what a run directory keeps besides the samples, the reports, and what is of a
// shard.
func copyRun(from, to string) error {
	but := map[string]bool{PartFile: true, LedgerFile: true, "tsdb": true, "evidence.json": true}
	for _, f := range formats.All() {
		but[f.File] = true
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		source, target := filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
		switch {
		case but[entry.Name()] || strings.HasPrefix(entry.Name(), "."):
		case entry.IsDir():
			err = errors.Join(err, os.CopyFS(target, os.DirFS(source)))
		case entry.Type().IsRegular():
			text, failed := os.ReadFile(source)
			if failed == nil {
				failed = os.WriteFile(target, text, 0o644)
			}
			err = errors.Join(err, failed)
		}
	}
	return err
}
