package evidence

import (
	"testing"
	"testing/fstest"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/packs"
	"brrtload/internal/facts"
)

// A budget on a quantile is judged by the engine itself, whether the histogram is the client's, a
// native one of the service, or a classic one; its observations are counted in each.
func TestQuantilesOfEachKindOfHistogram(t *testing.T) {
	s := create(t)
	s.Baseline(t0)
	for i := range 31 {
		b := s.At(at(float64(i)))
		for _, name := range []string{"brrtload_latency_seconds", "native_seconds"} {
			addHistogram(b, labels.FromStrings(model.MetricNameLabel, name), observations(uint64(i*10)))
		}
		require.NoError(t, b.Commit())
		put(t, s, float64(i), 0, "classic_seconds_bucket", "le", "0.5")
		put(t, s, float64(i), float64(i*10), "classic_seconds_bucket", "le", "2")
		put(t, s, float64(i), float64(i*10), "classic_seconds_bucket", "le", "+Inf")
	}
	s.Mark(facts.Window{Name: facts.Steady, Start: t0, End: at(30)})
	list, err := packs.Load(fstest.MapFS{"a.yaml": {Data: []byte(`
budgets:
  - {id: client, why: w, expr: 'histogram_quantile(0.99, sum(increase(brrtload_latency_seconds[range()] anchored)))', must: "< 2"}
  - {id: native, why: w, expr: 'histogram_quantile(0.99, sum(rate(native_seconds[range()] anchored)))', must: "< 2"}
  - {id: classic, why: w, expr: 'histogram_quantile(0.99, sum by (le) (increase(classic_seconds_bucket[range()] anchored)))', must: "< 2"}
`)}}, "a.yaml")
	require.NoError(t, err)
	for _, a := range list {
		findings, err := a.Judge(t.Context(), s)
		require.NoError(t, err, a.About().ID)
		require.Len(t, findings, 1)
		require.Equal(t, assertions.Pass, findings[0].Verdict, "%s: %s", a.About().ID, findings[0].Text)
		require.Equal(t, 300, findings[0].Samples, a.About().ID)
	}
}
