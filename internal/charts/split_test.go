package charts

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// One query for all parts answers as a query for each part does, whatever the length of the window;
// the parts end with the window.
func TestAPartIsAnsweredAsByItself(t *testing.T) {
	store := run(t)
	for _, length := range []time.Duration{24 * time.Second, 23*time.Second + 457*time.Microsecond} {
		w := facts.Window{Name: facts.Run, Start: began, End: began.Add(length)}
		for _, expr := range []string{
			`sum(increase(served_total[range()] anchored))`, `max(max_over_time(depth[range()]))`, `depth`, `sum by (status) (increase(brrtload_hits_total[range()] anchored))`,
			`depth - depth @ start()`, `max(max_over_time(depth[range() / 2]))`,
		} {
			e := newSplit(store, w, parts)
			require.Equal(t, w.End, e.part(parts-1).End)
			require.Less(t, e.start.Sub(w.Start), parts*time.Millisecond)
			for i := range parts {
				got, err := e.Query(t.Context(), expr, e.part(i))
				require.NoError(t, err)
				want, err := store.Query(t.Context(), expr, e.part(i))
				require.NoError(t, err)
				require.Equal(t, want.Series, got.Series, "%s in part %d of %s", expr, i, length)
			}
		}
	}
}
