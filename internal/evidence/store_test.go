package evidence

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// t0 is the baseline of every run here.
var t0 = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return t0.Add(time.Duration(seconds * float64(time.Second))) }

var run = facts.Window{Name: facts.Run, Start: t0, End: at(30)}

func create(t testing.TB) *Store {
	s, err := Create(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// put commits one counter sample.
func put(t testing.TB, s *Store, seconds float64, v float64, name string, labelled ...string) {
	b := s.At(at(seconds))
	b.AddCounter(labels.FromStrings(append([]string{model.MetricNameLabel, name}, labelled...)...), v)
	require.NoError(t, b.Commit())
}

// ask returns the single value of a query.
func ask(t testing.TB, s *Store, expr string, w facts.Window) float64 {
	answer, err := s.Query(t.Context(), expr, w)
	require.NoError(t, err)
	require.Empty(t, answer.Warnings)
	require.Len(t, answer.Series, 1, expr)
	return answer.Series[0].Value
}

func TestCounterDeltasAreExact(t *testing.T) {
	for name, row := range map[string]struct {
		samples []float64 // value at each 5 s from t0; negative: no sample
		want    float64
	}{
		"plain":                      {[]float64{100, 120, 140, 150, 155, 160, 180}, 80},
		"constant":                   {[]float64{7, 7, 7, 7, 7, 7, 7}, 0},
		"reset":                      {[]float64{100, 120, 3, 5, 8, 9, 10}, 30},
		"gap":                        {[]float64{100, -1, -1, -1, -1, -1, 180}, 80},
		"appears late":               {[]float64{-1, -1, -1, 5, 6, 20, 42}, 42},
		"appears in the last scrape": {[]float64{-1, -1, -1, -1, -1, -1, 7}, 7},
	} {
		t.Run(name, func(t *testing.T) {
			s := create(t)
			put(t, s, 0, 1, "other_total")
			s.Baseline(t0)
			for i, v := range row.samples {
				if v >= 0 {
					put(t, s, float64(5*i), v, "x_total")
				}
			}
			require.Equal(t, row.want, ask(t, s, `sum(increase(x_total[range()] anchored))`, run))
		})
	}
}

func TestWithoutABaselineNoZeroIsInvented(t *testing.T) {
	s := create(t)
	put(t, s, 10, 5, "x_total")
	put(t, s, 20, 6, "x_total")
	require.Equal(t, 1.0, ask(t, s, `increase(x_total[range()] anchored)`, run))
}

func TestASampleMayBeOlderThanThoseOfOtherSeries(t *testing.T) {
	s := create(t)
	s.Baseline(t0)
	put(t, s, 0, 0, "client_total")
	put(t, s, 13*3600, 1, "server_total")
	put(t, s, 20, 9, "client_total")
	require.Equal(t, 9.0, ask(t, s, `increase(client_total[range()] anchored)`, run))
}

func TestSamplesOfOneSeriesAreInOrderOfTime(t *testing.T) {
	s := create(t)
	put(t, s, 10, 1, "x_total")
	b := s.At(at(10))
	b.AddCounter(labels.FromStrings(model.MetricNameLabel, "y_total"), 2)
	b.AddCounter(labels.FromStrings(model.MetricNameLabel, "x_total"), 2)
	require.EqualError(t, b.Commit(), `record {__name__="x_total"}: sample at 12:00:10.000 is not after the one at 12:00:10.000`)

	answer, err := s.Query(t.Context(), "y_total", run)
	require.NoError(t, err)
	require.Empty(t, answer.Series, "nothing of a refused batch is kept")

	put(t, s, 10, 2, "y_total") // and the series is as if it had not been
	require.Equal(t, 2.0, ask(t, s, "y_total", run))
}

func TestStaleSeriesAreGone(t *testing.T) {
	s := create(t)
	put(t, s, 0, 3, "x")
	b := s.At(at(10))
	x, err := s.Series(labels.FromStrings(model.MetricNameLabel, "x"))
	require.NoError(t, err)
	b.Stale(x)
	require.NoError(t, b.Commit())
	answer, err := s.Query(t.Context(), "x", run)
	require.NoError(t, err)
	require.Empty(t, answer.Series)
	require.Equal(t, 3.0, ask(t, s, "max_over_time(x[31s])", run))
}

func TestWindowsMeanThemselvesInQueries(t *testing.T) {
	s := create(t)
	for i := range 31 {
		put(t, s, float64(i), float64(i*10), "x_total")
	}
	steady := facts.Window{Name: facts.Steady, Start: at(10), End: at(20)}
	for expr, want := range map[string]float64{
		`x_total @ end() - x_total @ start()`:     100,
		`increase(x_total[range()] anchored)`:     100,
		`max_over_time(x_total[range()])`:         200,
		`count_over_time(x_total[range()])`:       10,
		`scalar(x_total) + 1`:                     201,
		`time() - ` + "1793534400":                20,
		`max_over_time(sum(x_total)[range():])`:   200,
		`increase(x_total[range()] anchored) + 0`: 100,
	} {
		require.Equal(t, want, ask(t, s, expr, steady), expr)
	}
	answer, err := s.Query(t.Context(), `max_over_time(x_total[range()])`, steady)
	require.NoError(t, err)
	require.Equal(t, 10, answer.Samples)
}

func TestQueryErrorsSayWhatIsWrong(t *testing.T) {
	s := create(t)
	s.Baseline(t0)
	b := s.At(at(1))
	addHistogram(b, labels.FromStrings(model.MetricNameLabel, "h"), observations(3))
	require.NoError(t, b.Commit())
	for expr, want := range map[string]string{
		`sum(`:                           `query sum(: 1:5: parse error: unclosed left parenthesis`,
		`"text"`:                         `query "text": invalid expression type "string" for range query, must be Scalar or instant Vector`,
		`h`:                              `query h: gives a histogram, not a number: take histogram_quantile, histogram_count, histogram_sum or histogram_fraction of it`,
		`sum_over_time(h[10s] anchored)`: `query sum_over_time(h[10s] anchored): anchored modifier can only be used with: changes, delta, increase, rate, resets - not with sum_over_time`,
	} {
		_, err := s.Query(t.Context(), expr, run)
		require.EqualError(t, err, want)
	}
	_, err := s.Query(t.Context(), "x", facts.Window{Name: "drain", Start: t0, End: t0})
	require.EqualError(t, err, `window "drain" is empty: nothing can be measured in it`)
}

// addHistogram adds a native histogram that started from 0 at the baseline.
func addHistogram(b *Batch, lset labels.Labels, h *histogram.Histogram) {
	b.Append(b.Series(lset), Sample{Histogram: h, Zero: b.Baseline()})
}

// observations returns a native histogram of n observations of 1.
func observations(n uint64) *histogram.Histogram {
	return &histogram.Histogram{
		Schema: 3, ZeroThreshold: 1e-9, Count: n, Sum: float64(n),
		PositiveSpans: []histogram.Span{{Offset: 0, Length: 1}}, PositiveBuckets: []int64{int64(n)},
	}
}

func TestNativeHistogramsCountExactly(t *testing.T) {
	s := create(t)
	s.Baseline(t0)
	lset := labels.FromStrings(model.MetricNameLabel, "h")
	for i := range uint64(5) {
		b := s.At(at(float64(10 + 5*i)))
		addHistogram(b, lset, observations(100*(i+1)))
		require.NoError(t, b.Commit())
	}
	require.Equal(t, 500.0, ask(t, s, `histogram_count(increase(h[range()] anchored))`, run))

	h, err := s.Series(lset)
	require.NoError(t, err)
	b := s.At(at(31))
	b.Stale(h)
	require.NoError(t, b.Commit())
	answer, err := s.Query(t.Context(), "histogram_count(h)", facts.Window{Start: t0, End: at(31)})
	require.NoError(t, err)
	require.Empty(t, answer.Series)
}

func TestAWindowWithoutAnEdgeIsNotThere(t *testing.T) {
	s := create(t)
	s.Mark(run)
	s.Mark(facts.Window{Name: facts.Steady, Start: at(5)})
	got, ok := s.Window(facts.Run)
	require.True(t, ok)
	require.Equal(t, run, got)
	for _, name := range []string{facts.Steady, "warm-up"} {
		_, ok := s.Window(name)
		require.False(t, ok, name)
	}
	s.Mark(facts.Window{Name: facts.Steady, Start: at(5), End: at(6)})
	_, ok = s.Window(facts.Steady)
	require.True(t, ok)
	require.Len(t, s.Windows(), 2)
}

func TestASavedRunGivesTheSameAnswers(t *testing.T) {
	s := create(t)
	s.Baseline(t0)
	s.Mark(run)
	for i := range 31 {
		put(t, s, float64(i), float64(i*i), "x_total", "handler", "a")
	}
	late, err := s.Series(labels.FromStrings(model.MetricNameLabel, "late_total"))
	require.NoError(t, err)
	b := s.At(at(29))
	b.Append(late, Sample{Value: 4, Zero: t0, Exemplars: []exemplar.Exemplar{
		{Labels: labels.FromStrings("trace_id", "abc"), Value: 1, Ts: at(29).UnixMilli(), HasTs: true},
	}})
	addHistogram(b, labels.FromStrings(model.MetricNameLabel, "h"), observations(9))
	require.NoError(t, b.Commit())
	s.Describe("target", at(29), []facts.Family{{Name: "x_total", Type: "counter", Series: 1}})
	s.Note(facts.Event{Time: at(3), Source: "log", Name: "Request complete", Fields: map[string]string{"status": "200"}})
	require.NoError(t, s.Save())
	require.ErrorContains(t, s.Save(), "holds it already")

	saved, err := Open(s.dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, saved.Close()) })
	for _, expr := range []string{
		`sum(increase(x_total[range()] anchored))`, `increase(late_total[range()] anchored)`,
		`histogram_count(increase(h[range()] anchored))`, `avg_over_time(x_total[range()])`,
	} {
		want, err := s.Query(t.Context(), expr, run)
		require.NoError(t, err)
		got, err := saved.Query(t.Context(), expr, run)
		require.NoError(t, err)
		require.Equal(t, want, got, expr)
		require.Len(t, got.Series, 1)
	}
	window, ok := saved.Window(facts.Run)
	require.True(t, ok)
	require.Equal(t, run, window)
	require.Equal(t, s.Families(run), saved.Families(run))
	require.Len(t, saved.Families(run), 1)
	require.Equal(t, slices.Collect(s.Events(run)), slices.Collect(saved.Events(run)))
	require.EqualError(t, saved.At(t0).Commit(), s.dir+": the store was opened for reading")

	text, err := os.ReadFile(filepath.Join(s.dir, exemplarsFile))
	require.NoError(t, err)
	require.Contains(t, string(text), `"trace_id":"abc"`)
}

func TestAnEmptyRunCanBeSaved(t *testing.T) {
	s := create(t)
	require.NoError(t, s.Save())
	saved, err := Open(s.dir)
	require.NoError(t, err)
	answer, err := saved.Query(t.Context(), "x", run)
	require.NoError(t, err)
	require.Empty(t, answer.Series)
	require.NoError(t, saved.Close())
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"not JSON":        {`{`, "unexpected end of JSON input"},
		"another version": {`{"version": 9}`, "has version 9, this brrtload reads version 1"},
		"a path as block": {`{"version": 1, "block": "../../etc"}`, `block "../../etc": ulid`},
		"no such block":   {`{"version": 1, "block": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}`, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, factsFile), []byte(row.text), 0o644))
			_, err := Open(dir)
			require.ErrorContains(t, err, row.want)
		})
	}
	_, err := Open(t.TempDir())
	require.ErrorContains(t, err, "no such file")
}

func TestEvidenceThatCannotBeWrittenIsAnError(t *testing.T) {
	s := create(t)
	put(t, s, 0, 1, "x_total")
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, factsFile+".tmp"), 0o755))
	require.ErrorContains(t, s.Save(), "save evidence: ")
	require.NoFileExists(t, filepath.Join(s.dir, factsFile))

	s = create(t)
	put(t, s, 0, 1, "x_total")
	require.NoError(t, os.RemoveAll(filepath.Join(s.dir, dataDir)))
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, dataDir), nil, 0o644))
	require.ErrorContains(t, s.Save(), "save evidence: ")
}
