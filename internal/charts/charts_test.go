package charts

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/packs"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/reports"
)

var began = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// run is 24 seconds of 10 hits/s, of which the service counts nine in ten from the twelfth second
// on.
func run(t *testing.T) *evidence.Store {
	t.Helper()
	store, err := evidence.Create(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	store.Baseline(began)
	counted := 0.0
	for i := range 25 {
		b := store.At(began.Add(time.Duration(i) * time.Second))
		add := func(value float64, name string, pairs ...string) {
			b.AddCounter(labels.FromStrings(append([]string{model.MetricNameLabel, name}, pairs...)...), value)
		}
		add(float64(10*i), "brrtload_hits_total", "outcome", "answered", "status", "200")
		add(float64(10*i), "brrtload_planned_total")
		add(float64(10*i), "brrtload_sent_total")
		if counted += 10; i == 0 {
			counted = 0
		} else if i > 12 {
			counted--
		}
		add(counted, "served_total")
		b.Add(labels.FromStrings(model.MetricNameLabel, "depth"), float64(i))
		require.NoError(t, b.Commit())
	}
	for _, name := range []string{facts.Run, facts.Steady} {
		store.Mark(facts.Window{Name: name, Start: began, End: began.Add(24 * time.Second)})
	}
	return store
}

func asserted(t *testing.T, text string) []assertions.Assertion {
	t.Helper()
	return assertedIn(t, text)
}

func assertedIn(t testing.TB, text string) (list []assertions.Assertion) {
	t.Helper()
	list, err := packs.Load(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml")
	require.NoError(t, err)
	return list
}

func draw(t *testing.T, list []assertions.Assertion) *reports.Timeline {
	t.Helper()
	timeline, err := Timeline(t.Context(), Input{
		Store: run(t), Assertions: list, Began: began, Finest: 2 * time.Second,
		Stages: []Stage{{Name: "steady", Start: began, End: began.Add(24 * time.Second)}},
	})
	require.NoError(t, err)
	return timeline
}

func TestSlicesCoverTheRun(t *testing.T) {
	timeline := draw(t, nil)
	require.Equal(t, 12, timeline.Slices)
	require.Equal(t, 2.0, timeline.Step)
	require.Equal(t, 24.0, timeline.End())
	require.Equal(t, []reports.Band{{Name: "steady", From: 0, To: 24}}, timeline.Bands)
	require.Equal(t, "rate", timeline.Panels[0].ID)
	for _, line := range timeline.Panels[0].Lines {
		for i, v := range line.Values {
			require.InDelta(t, 10, v, 1e-9, "%s in slice %d", line.Name, i)
		}
	}
}

// The last value of a residual is the difference that the judge finds; until the service began to
// miss hits it is 0.
func TestAResidualEndsAtTheJudgesDifference(t *testing.T) {
	list := asserted(t, `
identities:
  - {id: served, why: it counts, what: answers,
     client: 'sum(increase(brrtload_hits_total{outcome="answered"}[range()] anchored))', server: 'sum(increase(served_total[range()] anchored))'}
`)
	residuals := draw(t, list).Residuals
	require.Len(t, residuals, 1)
	values := residuals[0].Values
	require.Zero(t, values[11])
	require.Equal(t, 1.0, values[12])
	require.Equal(t, 12.0, values[parts-1])
	require.Nil(t, residuals[0].Ambiguous)
}

func TestATrendSaysWhenTheBudgetFirstFailed(t *testing.T) {
	list := asserted(t, `
budgets:
  - {id: depth, why: it grows, expr: 'max(max_over_time(depth[range()]))', must: "< 6"}
`)
	trends := draw(t, list).Trends
	require.Len(t, trends, 1)
	require.InDelta(t, 1, trends[0].Step, 1e-9)
	require.NotNil(t, trends[0].Failed)
	require.InDelta(t, 6, *trends[0].Failed, 1e-9)
}

func TestARunWithoutLoadHasNoCharts(t *testing.T) {
	store, err := evidence.Create(t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	timeline, err := Timeline(t.Context(), Input{Store: store})
	require.NoError(t, err)
	require.Nil(t, timeline)
}

func TestExhibitsAreTheSamplesThatChanged(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "scrapes"), 0o755))
	for name, text := range map[string]string{
		"baseline-target.txt": "# TYPE served_total counter\nserved_total{a=\"}\"} 1\nserved_total{a=\"y\"} 5\nother 1\n",
		"final-target.txt":    "# TYPE served_total counter\nserved_total{a=\"}\"} 7 # {trace_id=\"x\"} 1\nserved_total{a=\"y\"} 5\nother 2\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "scrapes", name), []byte(text), 0o644))
	}
	got := Exhibits(dir, []assertions.Check{
		{Heading: assertions.Heading{ID: "served", Metrics: []string{"served_total"}}, Verdict: assertions.Untruthful},
		{Heading: assertions.Heading{ID: "held", Metrics: []string{"other"}}, Verdict: assertions.Pass},
	})
	require.Equal(t, []reports.Exhibit{{Check: "served", Endpoint: "target",
		Samples: []reports.Exposed{{Series: `served_total{a="}"}`, Baseline: "1", Final: "7"}}}}, got)
}

func TestShortKeepsSixDigits(t *testing.T) {
	require.Equal(t, 0.123457, short(0.123456789))
	require.True(t, math.IsInf(short(math.Inf(1)), 1))
}

// Marks come in order; what happens again within a slice is one mark.
func TestMarksOfASliceStandTogether(t *testing.T) {
	got := together([]reports.Mark{{At: 9, Text: "reload"}, {At: 1, Text: "missed"}, {At: 1.5, Text: "missed"}, {At: 2.9, Text: "missed"}, {At: 3.1, Text: "missed"}}, 2)
	require.Equal(t, []reports.Mark{{At: 1, Text: "missed (3 times)"}, {At: 3.1, Text: "missed"}, {At: 9, Text: "reload"}}, got)
}

// A run's last part that is shorter than a slice is not drawn; what happened in it stands at the
// edge.
func TestAMarkAfterTheLastSliceStandsAtTheEdge(t *testing.T) {
	timeline, err := Timeline(t.Context(), Input{Store: run(t), Began: began, Finest: 5 * time.Second,
		Marks: []reports.Mark{{At: -1, Text: "before"}, {At: 23, Text: "the plan ends"}, {At: 60, Text: "after"}}})
	require.NoError(t, err)
	require.Equal(t, 20.0, timeline.End())
	require.Equal(t, []reports.Mark{{At: 20, Text: "the plan ends"}}, timeline.Marks)
}
