package judge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
)

func TestRoom(t *testing.T) {
	e := stage.New(t, "depth{q=\"a\"} 16x20\ndepth{q=\"b\"} 48x20")
	list := stage.Load(t, `budgets:
  - {id: depth, expr: depth, must: "< 64"}
  - {id: missing, expr: max(detph), must: "< 64"}
  - {id: elsewhere, expr: depth, must: "< 64", in: run}
  - {id: a warning, expr: depth, must: "< 64", severity: warn}
`)
	soFar := facts.Window{Name: "steady", Start: time.Unix(5, 0), End: time.Unix(9, 0)}
	for i, want := range []bool{true, false, false, false} {
		f, ok := judge.Room(t.Context(), e, list[i], soFar)
		require.Equal(t, want, ok, list[i].About().ID)
		if ok {
			require.Equal(t, map[string]string{"q": "b"}, f.Series)
			require.InDelta(t, 0.25, *f.Margin, 1e-9)
		}
	}
}
