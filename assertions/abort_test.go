package assertions_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestBreached(t *testing.T) {
	e := newStage(t, "depth 1x9 100x10")
	list := load(t, `budgets:
  - {id: missing, expr: max(detph), must: "< 64", abort: {after: 1s}}
  - {id: later, expr: max(depth), must: "< 10", abort: {after: 9s}}
  - {id: mild, expr: max(depth), must: "< 10", severity: warn, abort: {after: 1s}}
  - {id: elsewhere, expr: max(depth), must: "< 10", in: run, abort: {after: 1s}}
  - {id: patient, expr: max(depth), must: "< 10"}
  - {id: depth, expr: max(depth), must: "< 64", abort: {after: 2s}}
`)
	require.True(t, assertions.Aborts(list))
	require.False(t, assertions.Aborts(list[4:5]))
	until := func(seconds int64) (string, bool) {
		c, ok := assertions.Breached(t.Context(), e, list, assertions.Window{Name: "steady", Start: time.Unix(5, 0), End: time.Unix(seconds, 0)})
		return c.ID, ok
	}
	for seconds, want := range map[int64]string{6: "", 9: "", 10: "depth", 13: "depth", 14: "later"} {
		id, ok := until(seconds)
		require.Equal(t, want, id, "at %d s", seconds)
		require.Equal(t, want != "", ok)
	}
}
