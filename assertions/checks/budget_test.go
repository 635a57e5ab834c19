package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
)

var depthFamilies = []facts.Family{
	{Name: "queue_depth", Type: "gauge", Labels: map[string][]string{"handler": {"list", "get"}}},
	{Name: "wait_seconds", Type: "histogram"},
}

func TestBudget(t *testing.T) {
	const series = `
queue_depth{handler="list"} 0 0 0 0 0 99 5 5 5 5 5 7 5 5 5 5 99 0 0 0 0
queue_depth{handler="get"} 1x25
wait_seconds_bucket{le="0.01"} 0+100x25
wait_seconds_bucket{le="+Inf"} 0+100x25
slow_seconds_bucket{handler="list", le="0.01"} 0+10x25
slow_seconds_bucket{handler="list", le="0.1"} 0+80x25
slow_seconds_bucket{handler="list", le="+Inf"} 0+100x25
nothing NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN NaN
`
	for name, row := range map[string]struct {
		budget string
		want   []string
	}{
		"a finding per series, in the steady window only": {
			`{id: b, expr: 'max by (handler) (max_over_time(queue_depth[range()]))', must: "< 7"}`,
			[]string{`pass: handler="get": 1, must be < 7`, `fail: handler="list": 7, must be < 7`},
		},
		"another window": {
			`{id: b, expr: 'max(max_over_time(queue_depth[range()]))', must: "< 64", in: run}`,
			[]string{"fail: 99, must be < 64"},
		},
		"a unit is read and shown": {
			`{id: b, expr: 'histogram_quantile(0.99, sum by (le) (increase(wait_seconds_bucket[range()] anchored)))', must: "< 9.5ms"}`,
			[]string{"inconclusive: 9.9 ms, must be < 9.5 ms; a quantile lies in the first bucket, at most 10 ms"},
		},
		"of two limits, the nearer": {
			`{id: b, expr: 'queue_depth{handler="get"}', must: ["<= 100", ">= 1"]}`,
			[]string{`pass: handler="get": 1, must be >= 1`},
		},
		"of two limits, the breached": {
			`{id: b, expr: 'queue_depth{handler="get"}', must: [">= 0.9", "< 0.5"]}`,
			[]string{`fail: handler="get": 1, must be < 0.5`},
		},
		"a misspelt metric fails, with the nearest name": {
			`{id: b, expr: sum(queue_detph), must: "< 64"}`,
			[]string{`does not fit: queue_detph is not exposed; did you mean "queue_depth"?`},
		},
		"a histogram's name without its suffix": {
			`{id: b, expr: sum(wait_seconds_buckets), must: "< 64"}`,
			[]string{`does not fit: wait_seconds_buckets is not exposed; did you mean "wait_seconds_bucket"?`},
		},
		"a misspelt label value": {
			`{id: b, expr: 'max(queue_depth{handler="lsit"})', must: "< 64"}`,
			[]string{`fail: no series matches queue_depth{handler="lsit"}: queue_depth has no handler="lsit"; did you mean "list"?`},
		},
		"a range that is longer than the window": {
			`{id: b, expr: 'max(max_over_time(queue_depth[5m]))', must: "< 1000"}`,
			[]string{"inconclusive: the expression has the range 5m, and steady lasts 10 s only: write [range()] for the window"},
		},
		"for each value of a label that nothing has": {
			`{id: b, expr: 'max without () (queue_depth)', must: "< 64", for_each: [handlre], on_missing: pass}`,
			[]string{`pass: handler="get": 1, must be < 64`, `pass: handler="list": 5, must be < 64`, `inconclusive: for_each: no series has a label handlre; did you mean "handler"?`},
		},
		"for each value of two labels of which nothing has one": {
			`{id: b, expr: 'topk(1, queue_depth{handler="get"})', must: "< 64", for_each: [handler, cdoe]}`,
			[]string{`pass: handler="get": 1, must be < 64`, `inconclusive: for_each: no series has a label cdoe`},
		},
		"a quantile in the last bucket is not what the last bound says": {
			`{id: b, expr: 'histogram_quantile(0.95, sum by (le) (increase(slow_seconds_bucket[range()] anchored)))', must: "< 150ms"}`,
			[]string{"inconclusive: 100 ms, must be < 150 ms; 20 % of observations lie above the last bucket, which ends at 100 ms, and how far above is not known"},
		},
		"nor does it fail when it may be enough": {
			`{id: b, expr: 'histogram_quantile(0.95, sum by (le) (increase(slow_seconds_bucket[range()] anchored)))', must: "> 150ms"}`,
			[]string{"inconclusive: 100 ms, must be > 150 ms; 20 % of observations lie above the last bucket, which ends at 100 ms, and how far above is not known"},
		},
		"a quantile in the last bucket breaches a lower limit all the same": {
			`{id: b, expr: 'histogram_quantile(0.95, sum by (le) (increase(slow_seconds_bucket[range()] anchored)))', must: "< 50ms"}`,
			[]string{"fail: 100 ms, must be < 50 ms; 20 % of observations lie above the last bucket, which ends at 100 ms, and how far above is not known"},
		},
		"and is enough for a lower bound": {
			`{id: b, expr: '1000 * histogram_quantile(0.95, rate(slow_seconds_bucket[range()]))', must: "> 50"}`,
			[]string{`pass: handler="list": 100, must be > 50; 20 % of observations lie above the last bucket, which ends at 100 ms, and how far above is not known`},
		},
		"a quantile below the last bucket is decided": {
			`{id: b, expr: 'histogram_quantile(0.8, sum by (le) (increase(slow_seconds_bucket[range()] anchored)))', must: "< 150ms"}`,
			[]string{"pass: 100 ms, must be < 150 ms"},
		},
		"a quantile in the last bucket, within a subquery": {
			`{id: b, expr: 'max_over_time(histogram_quantile(0.95, rate(slow_seconds_bucket[2s]))[range():1s])', must: "< 150ms"}`,
			[]string{`inconclusive: handler="list": 100 ms, must be < 150 ms; 20 % of observations lie above the last bucket, which ends at 100 ms, and how far above is not known`},
		},
		"a quantile in the last bucket, filtered": {
			`{id: b, expr: 'histogram_quantile(0.95, rate(slow_seconds_bucket[range()])) > 0.15', must: "< 1s", on_missing: pass}`,
			[]string{`inconclusive: handler="list": 20 % of observations lie above the last bucket, which ends at 100 ms, and how far above is not known: whether there is a value is not known`},
		},
		"a misspelt label": {
			`{id: b, expr: 'max(queue_depth{hander="list"})', must: "< 64"}`,
			[]string{`fail: no series matches queue_depth{hander="list"}: queue_depth has no hander="list"; it has no such label; did you mean "handler"?`},
		},
		"a dead half of an expression is found though the whole gives a value": {
			`{id: b, expr: sum(queue_depth) + fill_right (0) sum(errors_total), must: "< 64"}`,
			[]string{"does not fit: errors_total is not exposed"},
		},
		"an empty filter is missing data": {
			`{id: b, expr: queue_depth > 1000, must: "< 2000"}`,
			[]string{"fail: the expression has no value in steady"},
		},
		"missing may count as zero": {
			`{id: b, expr: sum(errors_total), must: "== 0", on_missing: zero}`,
			[]string{"does not fit: errors_total is not exposed; only what is exposed counts as 0: write \"on_missing: pass\" for a metric that comes with its first event"},
		},
		"zero is held against the limit too": {
			`{id: b, expr: sum(errors_total), must: "> 0", on_missing: zero}`,
			[]string{"does not fit: errors_total is not exposed; only what is exposed counts as 0: write \"on_missing: pass\" for a metric that comes with its first event"},
		},
		"missing may be inconclusive": {
			`{id: b, expr: sum(errors_total), must: "== 0", on_missing: inconclusive}`,
			[]string{"inconclusive: errors_total is not exposed"},
		},
		"missing may be allowed": {
			`{id: b, expr: sum(errors_total), must: "== 0", on_missing: pass}`,
			[]string{"not applicable: no series matches errors_total in steady; that is allowed here"},
		},
		"the right of or may be missing": {
			`{id: b, expr: max(queue_depth) or max(errors_total), must: "< 64"}`,
			[]string{"pass: 5, must be < 64"},
		},
		"absent of a missing metric": {
			`{id: b, expr: absent(errors_total), must: "== 1"}`,
			[]string{"pass: 1, must be == 1"},
		},
		"not a number is missing data": {
			`{id: b, expr: max(nothing), must: "< 64"}`,
			[]string{"fail: the value is not a number: nothing was measured"},
		},
		"for each value of a label that any part has": {
			`{id: b, expr: 'queue_depth{handler!="get"} + on (handler) queue_depth', must: "< 64", for_each: [handler]}`,
			[]string{`pass: handler="list": 10, must be < 64`, `fail: handler="get": there is no value for it`},
		},
		"a window that the run does not have": {
			`{id: b, expr: max(queue_depth), must: "< 64", in: stage-9}`,
			[]string{`inconclusive: the run has no complete window "stage-9": it was not reached, or a scrape at its edge is missing`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, series)
			e.Metadata = depthFamilies
			require.Equal(t, row.want, stage.Judge(t, e, "budgets: ["+row.budget+"]"))
		})
	}
}

func TestABudgetThatTheEngineRefusesDoesNotFit(t *testing.T) {
	e := stage.New(t, "a{x=\"1\"} 1x25\na{x=\"2\"} 1x25\nb 1x25")
	j, err := judge.Judge(t.Context(), e, stage.Load(t, "budgets: [{id: b, expr: 'b + on () a', must: \"< 64\"}]"))
	require.NoError(t, err)
	require.Equal(t, assertions.DoesNotFit, j.Verdict)
	require.Contains(t, stage.InWords(j), "does not fit: b: the expression cannot be evaluated: ")
	require.Contains(t, stage.InWords(j), "duplicate series")
}

func TestAWarningDecidesNothing(t *testing.T) {
	e := stage.New(t, stage.Sound+"depth 100x25\nfree 1x25")
	j, err := judge.Judge(t.Context(), e, stage.Load(t, `budgets:
  - {id: depth, expr: depth, must: "< 64", severity: warn}
  - {id: free, expr: free, must: ">= 1"}
`))
	require.NoError(t, err)
	require.Equal(t, "pass: 2 checks held; the tightest is free with 0 % of its limit left; 1 warning", stage.InWords(j))
	require.Equal(t, map[string]string{"delivery": "pass", "depth": "fail", "free": "pass"}, stage.Verdicts(j))
}

func TestABudgetThatCannotBeBetterIsNotTheTightest(t *testing.T) {
	e := stage.New(t, stage.Sound+"depth 8x25\nshare 1x25")
	j, err := judge.Judge(t.Context(), e, stage.Load(t, `budgets:
  - {id: depth, expr: depth, must: "< 64"}
  - {id: share, expr: share, must: ">= 95%"}
`))
	require.NoError(t, err)
	require.Equal(t, "pass: 3 checks held; the tightest is depth with 87.5 % of its limit left", stage.InWords(j))
	w, _ := e.Window(facts.Steady)
	_, ok := judge.Room(t.Context(), e, stage.Load(t, `budgets: [{id: share, expr: share, must: ">= 95%"}]`)[0], w)
	require.False(t, ok, "it has no room to speak of")
}

func TestFindingsAreBounded(t *testing.T) {
	series := ""
	for i := range 3 * assertions.MaxFindings {
		series += "depth{handler=\"" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "\"} 1x25\n"
	}
	series += "depth{handler=\"zzz\"} 100x25\n"
	got := stage.Judge(t, stage.New(t, series), `budgets: [{id: b, expr: depth, must: "< 64"}]`)
	require.Len(t, got, assertions.MaxFindings)
	require.Contains(t, got, `fail: handler="zzz": 100, must be < 64`)
	require.Equal(t, "pass: 202 more series, none worse than those shown", got[len(got)-1])
}
