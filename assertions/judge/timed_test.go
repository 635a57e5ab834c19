package judge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
)

// late is a generator that was late, up to some 96 ms, and still sent what was planned.
const lateBy96ms = `
brrtload_planned_total 0+100x25
brrtload_sent_total 0+100x25
brrtload_lag_floor_p99_seconds 0.00001x25
brrtload_lag_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:0.1 count:1000 offset:-27 buckets:[1000]}}x25
`

// stalled is a client's latency and a service's own, of some 3 s, in seconds and milliseconds, and
// what is in flight.
const stalled = `
brrtload_latency_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:300 count:100 offset:13 buckets:[100]}}x25
svc_seconds_bucket{le="2"} 0x25
svc_seconds_bucket{le="4"} 0+100x25
svc_seconds_bucket{le="+Inf"} 0+100x25
svc_seconds_sum 0+300x25
svc_seconds_count 0+100x25
svc_duration_ms_sum 0+300000x25
svc_duration_ms_count 0+100x25
svc_in_flight 300x25
errors_total 0+10x25
requests_total 0+100x25
`

// starved is a machine of two CPUs, of which others use nine tenths.
const starved = `
brrtload_machine_cpus 2x25
brrtload_machine_cpu_seconds_total 0+1.9x25
brrtload_machine_cpu_pressure_seconds_total 0+0.8x25
brrtload_generator_cpu_seconds_total 0+0.05x25
brrtload_target_group_cpu_seconds_total 0+0.05x25
`

func verdictOf(t *testing.T, series, expr, must string) string {
	t.Helper()
	j, err := judge.Judge(t.Context(), stage.New(t, series), stage.Load(t, fmt.Sprintf("budgets:\n  - {id: b, why: w, expr: '%s', must: '%s'}\n", expr, must)))
	require.NoError(t, err)
	return stage.Verdicts(j)["b"]
}

// A limit that was exceeded by far more than the generator was late, or than others' use of the
// CPUs explains, was exceeded, however it is written.
func TestABudgetThatFailsByFarFailsHoweverItIsWritten(t *testing.T) {
	for _, row := range []struct{ expr, must string }{
		{`histogram_quantile(0.99, sum(rate(brrtload_latency_seconds[range()] anchored)))`, "< 1s"},
		{`histogram_quantile(0.99, sum(increase(brrtload_latency_seconds[range()] anchored)))`, "< 1s"},
		{`1000 * histogram_quantile(0.99, sum(rate(brrtload_latency_seconds[range()] anchored)))`, "< 1000"},
		{`histogram_quantile(0.99, sum(rate(brrtload_latency_seconds[range()] anchored))) / 0.001`, "< 1000"},
		{`histogram_quantile(0.99, sum(rate(brrtload_latency_seconds[range()] anchored))) > bool 1`, "== 0"},
		{`histogram_quantile(0.5, sum(rate(brrtload_latency_seconds[range()] anchored))) + histogram_quantile(0.99, sum(rate(brrtload_latency_seconds[range()] anchored)))`, "< 2s"},
		{`max(histogram_quantile(0.99, sum by (phase) (rate(brrtload_latency_seconds[range()] anchored))))`, "< 1s"},
		{`histogram_quantile(0.99, sum by (le) (rate(svc_seconds_bucket[range()] anchored)))`, "< 1s"},
		{`sum(rate(svc_seconds_sum[range()] anchored)) / sum(rate(svc_seconds_count[range()] anchored))`, "< 1s"},
		{`sum(rate(svc_duration_ms_sum[range()] anchored)) / sum(rate(svc_duration_ms_count[range()] anchored))`, "< 1000"},
		{`sum(rate(errors_total[range()] anchored)) / sum(rate(requests_total[range()] anchored))`, "< 5%"},
		{`sum(increase(errors_total[range()] anchored))`, "< 5"},
	} {
		for name, series := range map[string]string{"on time": stage.Sound, "late": lateBy96ms, "starved": stage.Sound + starved, "late and starved": lateBy96ms + starved} {
			require.Equal(t, "fail", verdictOf(t, series+stalled, row.expr, row.must), "%s: %s %s", name, row.expr, row.must)
		}
	}
}

// A limit that was exceeded by less is the generator's or the machine's doing, perhaps, of the
// service's own times and queues, too; a pass stands.
func TestABudgetThatFailsByLittleIsInconclusive(t *testing.T) {
	const clients, service = `histogram_quantile(0.99, sum(rate(brrtload_latency_seconds[range()] anchored)))`,
		`sum(rate(svc_seconds_sum[range()] anchored)) / sum(rate(svc_seconds_count[range()] anchored))`
	for _, row := range []struct{ series, expr, must, want string }{
		{stage.Sound, clients, "< 2900ms", "fail"},
		{lateBy96ms, clients, "< 3000ms", "inconclusive"},
		{lateBy96ms, clients, "< 1s", "fail"},
		{stage.Sound + starved, service, "< 2999ms", "inconclusive"},
		{lateBy96ms, service, "< 2950ms", "inconclusive"},
		{lateBy96ms, service, "< 2s", "fail"},
		{lateBy96ms + starved, service, "< 2500ms", "inconclusive"},
		{lateBy96ms + starved, service, "< 1500ms", "fail"},
		{lateBy96ms + starved, service, "< 4s", "pass"},
		{stage.Sound, `max(max_over_time(svc_in_flight[range()]))`, "< 64", "fail"},
		{lateBy96ms, `max(max_over_time(svc_in_flight[range()]))`, "< 64", "inconclusive"},
		{stage.Sound + starved, `max(max_over_time(svc_in_flight[range()]))`, "< 64", "inconclusive"},
		{lateBy96ms + starved, `max(max_over_time(svc_in_flight[range()]))`, "< 640", "pass"},
		{stage.Sound, service, "< 2999ms", "fail"},
		// A service that uses the CPUs itself makes the pressure itself.
		{stage.Sound + `
brrtload_machine_cpus 2x25
brrtload_machine_cpu_seconds_total 0+1.9x25
brrtload_machine_cpu_pressure_seconds_total 0+0.8x25
brrtload_generator_cpu_seconds_total 0+0.05x25
brrtload_target_group_cpu_seconds_total 0+1.8x25
`, service, "< 2999ms", "fail"},
	} {
		require.Equal(t, row.want, verdictOf(t, row.series+stalled, row.expr, row.must), "%s %s", row.expr, row.must)
	}
}

func TestAQuantileNeedsItsObservations(t *testing.T) {
	native := func(n int) string {
		return fmt.Sprintf("brrtload_latency_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:1 count:%d offset:-8 buckets:[%d]}}x25\n", n, n)
	}
	const p99 = `histogram_quantile(0.99, sum(%s(brrtload_latency_seconds[range()] anchored)))`
	const classic = "svc_seconds_bucket{le=\"0.2\"} 0x25\nsvc_seconds_bucket{le=\"0.4\"} 0+%dx25\nsvc_seconds_bucket{le=\"+Inf\"} 0+%dx25\n"
	for _, row := range []struct{ series, expr, must, want string }{
		{native(10), fmt.Sprintf(p99, "increase"), "< 2s", "pass: 500 ms, must be < 2 s"},
		{native(9), fmt.Sprintf(p99, "increase"), "< 2s", "inconclusive: 500 ms, must be < 2 s; a quantile of 0.99 needs 100 observations, and there are 90; send more in this window"},
		{native(9), fmt.Sprintf(p99, "rate"), "< 2s", "inconclusive: 500 ms, must be < 2 s; a quantile of 0.99 needs 100 observations, and there are 90; send more in this window"},
		{native(9), fmt.Sprintf(p99, "increase"), "< 100ms", "fail: 500 ms, must be < 100 ms"},
		{fmt.Sprintf(classic, 10, 10), `histogram_quantile(0.99, sum by (le) (rate(svc_seconds_bucket[range()] anchored)))`, "< 1s", "pass: 398 ms, must be < 1 s"},
		{fmt.Sprintf(classic, 1, 1), `histogram_quantile(0.99, sum by (le) (rate(svc_seconds_bucket[range()] anchored)))`, "< 1s",
			"inconclusive: 398 ms, must be < 1 s; a quantile of 0.99 needs 100 observations, and there are 10; send more in this window"},
		{fmt.Sprintf(classic, 1, 1), `histogram_quantile(0.9, sum by (le) (rate(svc_seconds_bucket[range()] anchored)))`, "< 1s", "pass: 380 ms, must be < 1 s"},
	} {
		require.Equal(t, []string{row.want}, stage.Judge(t, stage.New(t, row.series), fmt.Sprintf("budgets:\n  - {id: b, why: w, expr: '%s', must: '%s'}\n", row.expr, row.must)))
	}
	e := stage.New(t, native(10))
	findings, err := stage.Load(t, fmt.Sprintf("budgets:\n  - {id: b, why: w, expr: '%s', must: '< 2s'}\n", fmt.Sprintf(p99, "rate")))[0].Judge(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, 100, findings[0].Samples, "observations, not scrapes")
}

func TestAQuantileInTheFirstBucketIsABound(t *testing.T) {
	const fast = "svc_seconds_bucket{le=\"0.001\"} 0+990x25\nsvc_seconds_bucket{le=\"0.01\"} 0+1000x25\nsvc_seconds_bucket{le=\"+Inf\"} 0+1000x25\n"
	const p50, p995 = `histogram_quantile(0.5, sum by (le) (rate(svc_seconds_bucket[range()] anchored)))`, `histogram_quantile(0.995, sum by (le) (rate(svc_seconds_bucket[range()] anchored)))`
	for _, row := range []struct{ expr, must, want string }{
		{p50, "< 300us", "inconclusive: 505 µs, must be < 300 µs; a quantile lies in the first bucket, at most 1 ms"},
		{p50, "< 700us", "inconclusive: 505 µs, must be < 700 µs; a quantile lies in the first bucket, at most 1 ms"},
		{p50, "< 2ms", "pass: 505 µs, must be < 2 ms; a quantile lies in the first bucket, at most 1 ms"},
		{p50 + " * 1000", "< 0.3", "inconclusive: 0.505, must be < 0.3; a quantile lies in the first bucket, at most 1 ms"},
		{p995, "< 6ms", "pass: 5.5 ms, must be < 6 ms"},
		{p995, "< 5ms", "fail: 5.5 ms, must be < 5 ms"},
	} {
		require.Equal(t, []string{row.want}, stage.Judge(t, stage.New(t, fast), fmt.Sprintf("budgets:\n  - {id: b, why: w, expr: '%s', must: '%s'}\n", row.expr, row.must)), row.expr)
	}
}

// A load that left far too late says how short of CPU the machine was.
func TestLatenessNamesThePressure(t *testing.T) {
	late := strings.Replace(stage.Sound, "offset:-76", "offset:0", 1) // seconds
	for name, row := range map[string]struct{ series, says string }{
		"known":   {late + starved, "; so late, it was not the load that was planned; CPU pressure 80 %"},
		"unknown": {late, "; so late, it was not the load that was planned"},
	} {
		j, err := judge.Judge(t.Context(), stage.New(t, row.series), stage.Load(t, "budgets: [{id: b, why: w, expr: 'sum(up)', must: '< 1'}]"))
		require.NoError(t, err)
		require.Equal(t, "inconclusive", stage.Verdicts(j)["delivery"], name)
		require.True(t, strings.HasSuffix(j.Checks[0].Reason, row.says), "%s: %s", name, j.Checks[0].Reason)
	}
}
