package evidence

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/packs"
	"brrtload/internal/facts"
)

// A native histogram has no first bucket to look into, the client's own or the service's.
func TestABudgetOverAQuantileOfANativeHistogram(t *testing.T) {
	for _, name := range []string{"brrtload_latency_seconds", "h"} {
		s, err := Create(t.TempDir())
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		s.Baseline(began)
		for i := range 3 {
			b := s.At(began.Add(time.Duration(i) * time.Second))
			addHistogram(b, labels.FromStrings(model.MetricNameLabel, name), observations(uint64(1000*i)))
			require.NoError(t, b.Commit())
		}
		w := facts.Window{Name: facts.Steady, Start: began, End: began.Add(2 * time.Second)}
		s.Mark(w)
		list, err := packs.Load(fstest.MapFS{"a.yaml": {Data: []byte(`
budgets:
  - {id: p99, why: it is slow, expr: 'histogram_quantile(0.99, sum(increase(` + name + `[range()] anchored)))', must: "< 1e9"}
`)}}, "a.yaml")
		require.NoError(t, err)
		found, err := list[0].Judge(t.Context(), s)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, assertions.Pass, found[0].Verdict, "%s: %s", name, found[0].Text)
	}
}
