package judge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
)

func TestBreached(t *testing.T) {
	e := stage.New(t, "depth 1x9 100x10")
	list := stage.Load(t, `budgets:
  - {id: missing, expr: max(detph), must: "< 64", abort_on_fail: {after: 1s}}
  - {id: later, expr: max(depth), must: "< 10", abort_on_fail: {after: 9s}}
  - {id: off, expr: max(depth), must: "< 10", abort_on_fail: false}
  - {id: elsewhere, expr: max(depth), must: "< 10", in: run, abort_on_fail: true}
  - {id: patient, expr: max(depth), must: "< 10"}
  - {id: depth, expr: max(depth), must: "< 64", abort_on_fail: {after: 2s}}
`)
	require.True(t, judge.Aborts(list))
	require.False(t, judge.Aborts(list[4:5]))
	until := func(seconds int64) (string, bool) {
		c, ok := judge.Breached(t.Context(), e, list, facts.Window{Name: "steady", Start: time.Unix(5, 0), End: time.Unix(seconds, 0)})
		return c.ID, ok
	}
	for seconds, want := range map[int64]string{6: "", 9: "", 10: "depth", 13: "depth", 14: "later"} {
		id, ok := until(seconds)
		require.Equal(t, want, id, "at %d s", seconds)
		require.Equal(t, want != "", ok)
	}
}

func TestALateGeneratorEndsNoRun(t *testing.T) {
	const budget = `budgets: [{id: p99, expr: max(histogram_sum(brrtload_latency_seconds)), must: "< 10ms", abort_on_fail: true}]`
	for lag, want := range map[string]bool{"0.1": true, "9": false} { // seconds that a thousand hits were late by
		e := stage.New(t, "brrtload_latency_seconds {{schema:3 sum:1 count:1 offset:0 buckets:[1]}}x20\nbrrtload_planned_total 0+100x25\nbrrtload_sent_total 0+100x25\nbrrtload_lag_floor_p99_seconds 0.0005x25\n"+
			"brrtload_lag_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:"+lag+" count:1000 offset:"+map[string]string{"0.1": "-76", "9": "-30"}[lag]+" buckets:[1000]}}x25")
		_, ended := judge.Breached(t.Context(), e, stage.Load(t, budget), facts.Window{Name: "steady", Start: time.Unix(5, 0), End: time.Unix(15, 0)})
		require.Equal(t, want, ended, "lag %s", lag)
	}
}
