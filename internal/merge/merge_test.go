package merge

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/packs"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/machine"
	"brrtload/internal/record"
	"brrtload/internal/result"
	"brrtload/internal/shard"
	"brrtload/internal/suite"
	"brrtload/reports"
	"brrtload/reports/formats"
	"brrtload/scenarios"
)

// fabricated are shards whose hits and times are made up, as a run would have kept them.
type fabricated struct {
	scenario *scenarios.Scenario
	start    time.Time
	series   int           // that shard 0 scrapes every second
	ends     time.Duration // after the plan, of the run
	joined   func()
}

func fabricate(tb testing.TB, text string) *fabricated {
	s, err := scenarios.Settings{}.Load(fstest.MapFS{"s.yaml": {Data: []byte(text)}}, "s.yaml")
	require.NoError(tb, err)
	return &fabricated{scenario: s, start: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), ends: 2 * time.Second}
}

// keep writes the run directory of a shard. Its clock is so far ahead of that of shard 0.
func (f *fabricated) keep(tb testing.TB, which shard.Shard, ahead time.Duration) (dir string) {
	tb.Helper()
	dir = filepath.Join(tb.TempDir(), fmt.Sprintf("shard-%d", which.Index))
	whole, err := f.scenario.Plan(f.scenario.Seed)
	require.NoError(tb, err)
	plan := whole.Shard(which.Index, which.Of)
	store, err := evidence.Create(dir)
	require.NoError(tb, err)
	defer store.Close()
	ledger := load.NewLedger(plan)
	numbers := ledger.Number(which.Index, which.Of)
	c := record.New(store, ledger, plan)
	c.Intake, err = record.TakeIn(f.scenario, nil, whole, dir)
	require.NoError(tb, err)
	began := f.start.Add(ahead)
	t := began.Add(-200 * time.Millisecond)
	store.Baseline(t)
	c.Record(t)
	c.Edge(0, t, true)
	baseline := t
	c.Begin(began)
	var next uint64
	stage := 0
	until := began.Add(plan.Length())
	scraped := func(t time.Time) {
		b := store.At(t)
		for i := range f.series {
			b.AddCounter(record.Named("svc_total", "i", fmt.Sprint(i)), float64(i)*t.Sub(baseline).Seconds())
		}
		require.NoError(tb, b.Commit())
	}
	for t = began.Add(time.Second); ; t = t.Add(time.Second) {
		for next < plan.Hits() && plan.Due(next) < t.Sub(began) {
			h := plan.Hit(next)
			next++
			ledger.Begin()
			took := time.Duration(100+(h.Seq*7919)%5000) * time.Microsecond
			r := hit.Result{Sent: h.Due + 10*time.Microsecond, Done: h.Due + took, Status: 200, Outcome: hit.Answered, BytesIn: 7}
			if h.Seq%101 == 0 {
				r.Status = 503
			}
			ledger.Add(h, r)
		}
		for stage < len(plan.Stages()) && !began.Add(plan.Stages()[stage].End).After(t) {
			c.Leave(stage)
			c.Record(t)
			stage++
			c.Edge(stage, t, true)
			t = t.Add(time.Millisecond)
		}
		c.Record(t)
		if which.Index == 0 {
			scraped(t)
		}
		if t.After(until.Add(f.ends)) {
			break
		}
	}
	c.End(until)
	require.NoError(tb, c.Settle(t.Add(time.Millisecond)))
	final := t.Add(time.Second)
	for _, s := range c.Edges() {
		store.Mark(facts.Window{Name: s.Name, Start: s.Start, End: s.End})
	}
	store.Mark(facts.Window{Name: facts.Steady, Start: c.Edges()[0].Start, End: c.Edges()[len(c.Edges())-1].End})
	store.Mark(facts.Window{Name: facts.Run, Start: baseline, End: final})
	c.Record(final)
	require.NoError(tb, c.Err)
	require.NoError(tb, store.Save())
	report := reports.Report{Version: reports.Version, Command: "run", Scenario: "s", Seed: f.scenario.Seed, Started: baseline,
		End: reports.Completed, Where: result.Provenance(machine.Now())}
	result.Fill(&report, ledger.Snapshot(), c.Edges(), began)
	_, err = formats.Write(dir, report)
	require.NoError(tb, err)
	p := Part{Version: PartVersion, Shard: which, Outline: whole.Outline(), Planned: plan.Hits(), Boot: fmt.Sprint("boot", which.Index),
		Kept: true, Start: f.start, Done: until, Clock: shard.Clock{Known: true, Offset: ahead.Seconds(), Uncertainty: 1e-4}}
	p.Start = began
	if ahead > 0 {
		p.Start = f.start // every shard starts when its own clock says so
	}
	p.Ranges, p.Twice, p.Alien = numbers.Done()
	require.NoError(tb, WriteFile(dir, LedgerFile, ledger.Snapshot().Keep(nil)))
	require.NoError(tb, WriteFile(dir, PartFile, p))
	require.NoError(tb, os.MkdirAll(filepath.Join(dir, sourcesDir), 0o755))
	require.NoError(tb, os.WriteFile(filepath.Join(dir, sourcesDir, "scenario"), []byte("s.yaml\n"), 0o644))
	return dir
}

const shardedMinute = `
target: {url: "http://127.0.0.1:1"}
warmup: {rate: 20, duration: 3s}
stages:
  - {rate: 97, duration: 10s}
  - {name: more, rate: 200, duration: 7s}
requests:
  - {name: one, get: /1, weight: 3}
  - {name: two, get: /2}
  - {name: rare, get: /3, weight: 0.01}
`

const shardedBudgets = `
budgets:
  - {id: latency, why: w, expr: 'histogram_quantile(0.99, sum(increase(brrtload_latency_seconds[range()] anchored)))', must: '< 1s'}
  - {id: rate, why: w, expr: 'sum(rate(brrtload_hits_total[range()] anchored))', must: '> 1'}
`

func budgetsOf(t testing.TB, text string) []assertions.Assertion {
	list, err := packs.Load(fstest.MapFS{"b.yaml": {Data: []byte(text)}}, "b.yaml")
	require.NoError(t, err)
	return list
}

func (f *fabricated) merge(t testing.TB, dirs ...string) (reports.Report, string) {
	t.Helper()
	shards, err := Gather(dirs)
	require.NoError(t, err)
	dir := t.TempDir()
	r, err := shards.Merge(context.Background(), Options{Suite: &suite.Suite{Scenario: f.scenario, Assertions: budgetsOf(t, shardedBudgets)}, Dir: dir,
		Joined: f.joined})
	require.NoError(t, err)
	return r, dir
}

// What one machine would have kept and what several shards of it did are the same: the ledger bit
// for bit, and in the evidence what any query over a stage, a phase or the run answers.
func TestMergedShardsAreTheRunOfOneMachine(t *testing.T) {
	f := fabricate(t, shardedMinute)
	one, ofOne := f.merge(t, f.keep(t, shard.Shard{Index: 0, Of: 1}, 0))
	want, err := os.ReadFile(filepath.Join(ofOne, LedgerFile))
	require.NoError(t, err)
	for _, of := range []uint64{2, 4} {
		var dirs []string
		for i := range of {
			dirs = append(dirs, f.keep(t, shard.Shard{Index: i, Of: of}, 0))
		}
		r, dir := f.merge(t, dirs...)
		got, err := os.ReadFile(filepath.Join(dir, LedgerFile))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "%d shards", of)
		require.Equal(t, one.Requests, r.Requests)
		require.Equal(t, one.Ledger, r.Ledger)
		require.Len(t, r.Shards, int(of))
		single, err := evidence.Open(ofOne)
		require.NoError(t, err)
		defer single.Close()
		merged, err := evidence.Open(dir)
		require.NoError(t, err)
		defer merged.Close()
		for _, window := range []string{facts.Run, facts.Steady, "stage 1", "more", "warm-up"} {
			for _, expr := range []string{
				`sum by (request, status, stage) (increase(brrtload_hits_total[range()] anchored))`,
				`sum by (request) (increase(brrtload_response_bytes_total[range()] anchored))`,
				`histogram_quantile(0.99, sum by (request) (increase(brrtload_latency_seconds[range()] anchored)))`,
				`histogram_count(sum(increase(brrtload_lag_seconds[range()] anchored)))`,
				`sum(last_over_time(brrtload_sent_total[range()]))`, `sum(last_over_time(brrtload_planned_total[range()]))`,
				`count by (__name__, request, stage) ({__name__=~"brrtload_(hits|unexpected|request|response).*"})`,
			} {
				w, ok := single.Window(window)
				require.True(t, ok)
				w2, _ := merged.Window(window)
				require.Equal(t, w, w2)
				a, err := single.Query(t.Context(), expr, w)
				require.NoError(t, err)
				b, err := merged.Query(t.Context(), expr, w)
				require.NoError(t, err)
				require.Equal(t, fmt.Sprint(a.Series), fmt.Sprint(b.Series), "%d shards: %s over %s", of, expr, window)
			}
		}
	}
}

func TestSkewedClocksAreNoPass(t *testing.T) {
	f := fabricate(t, shardedMinute)
	zero := f.keep(t, shard.Shard{Index: 0, Of: 2}, 0)
	r, _ := f.merge(t, zero, f.keep(t, shard.Shard{Index: 1, Of: 2}, 9*time.Millisecond))
	require.Equal(t, reports.StatusPass, r.Status, r.Reason)
	r, _ = f.merge(t, zero, f.keep(t, shard.Shard{Index: 1, Of: 2}, 35*time.Millisecond))
	require.Equal(t, reports.StatusInconclusive, r.Status)
	require.Contains(t, r.Reason, "clock of shard 1 against that of shard 0: 35 ms")

	unknown := f.keep(t, shard.Shard{Index: 1, Of: 2}, 0)
	var p Part
	require.NoError(t, readKept(unknown, PartFile, &p))
	p.Clock = shard.Clock{}
	require.NoError(t, WriteFile(unknown, PartFile, p))
	r, _ = f.merge(t, zero, unknown)
	require.Equal(t, reports.StatusInconclusive, r.Status)
	require.Contains(t, r.Reason, "was not compared")
	p.Boot = "boot0" // the same machine
	require.NoError(t, WriteFile(unknown, PartFile, p))
	r, _ = f.merge(t, zero, unknown)
	require.Equal(t, reports.StatusPass, r.Status, r.Reason)

	p.Done = p.Done.Add(time.Minute)
	require.NoError(t, WriteFile(unknown, PartFile, p))
	r, _ = f.merge(t, zero, unknown)
	require.Equal(t, reports.StatusInconclusive, r.Status)
	require.Contains(t, r.Reason, "after the final scrape")
}

func TestDamagedShardsAreRefused(t *testing.T) {
	f := fabricate(t, shardedMinute)
	zero, one := f.keep(t, shard.Shard{Index: 0, Of: 2}, 0), f.keep(t, shard.Shard{Index: 1, Of: 2}, 0)
	var whole Part
	require.NoError(t, readKept(one, PartFile, &whole))
	for name, row := range map[string]struct {
		change func(*Part)
		want   string
	}{
		"a hit sent twice":     {func(p *Part) { p.Twice = 1 }, "sent 1 hits twice"},
		"hits of others":       {func(p *Part) { p.Alien = 3 }, "sent 3 hits of other shards"},
		"a number is missing":  {func(p *Part) { p.Ranges = []load.Range{{From: 0, To: 5}} }, "numbers are done"},
		"ranges that overlap":  {func(p *Part) { p.Ranges = append(p.Ranges, p.Ranges...) }, "damaged"},
		"another start":        {func(p *Part) { p.Start = p.Start.Add(time.Second) }, "give the shards of one run"},
		"another number":       {func(p *Part) { p.Of = 3 }, "is one of 3 shards"},
		"another plan":         {func(p *Part) { p.Outline = "seed 8" }, "has another plan"},
		"a version to come":    {func(p *Part) { p.Version = 99 }, "has version 99"},
		"an index that is not": {func(p *Part) { p.Index = 7 }, "there is no shard 7/2"},
	} {
		p := whole
		row.change(&p)
		require.NoError(t, WriteFile(one, PartFile, p))
		_, err := Gather([]string{zero, one})
		require.ErrorContains(t, err, row.want, name)
	}
}
