package judge_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
)

// onTime is a generator that sent what was planned, when it was due.
const onTime = `
brrtload_planned_total 0+100x25
brrtload_sent_total 0+100x25
brrtload_lag_floor_p99_seconds 0.00001x25
brrtload_lag_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:0.001 count:100 offset:-131 buckets:[100]}}x25
`

// Shards send by their own clocks: when these differ, no latency is that of the planned load. What
// is no latency and no rate stands.
func TestSkewedShardsMakeLatenciesInconclusive(t *testing.T) {
	const latency = `histogram_quantile(0.99, sum(increase(brrtload_latency_seconds[range()] anchored)))`
	for name, row := range map[string]struct {
		offset string
		want   [3]string // a latency that holds, one that does not, and what is no time
	}{
		"one generator":  {"", [3]string{"pass", "fail", "pass"}},
		"clocks agree":   {"brrtload_shards 2x25\n" + offsets(0, 0.009), [3]string{"pass", "fail", "pass"}},
		"11 ms ahead":    {"brrtload_shards 2x25\n" + offsets(0, 0.011), [3]string{"inconclusive", "inconclusive", "pass"}},
		"11 ms behind":   {"brrtload_shards 3x25\n" + offsets(0, 0.001, -0.011), [3]string{"inconclusive", "inconclusive", "pass"}},
		"not compared":   {"brrtload_shards 2x25\n" + offsets(0), [3]string{"inconclusive", "inconclusive", "pass"}},
		"none is known":  {"brrtload_shards 2x25\n", [3]string{"inconclusive", "inconclusive", "pass"}},
		"a run of one/1": {"brrtload_shards 1x25\n" + offsets(0), [3]string{"pass", "fail", "pass"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, onTime+stalled+row.offset)
			list := stage.Load(t, fmt.Sprintf(`budgets:
  - {id: holds, why: w, expr: '%s', must: '< 5s'}
  - {id: breaks, why: w, expr: '%s', must: '< 1s'}
  - {id: errors, why: w, expr: 'sum(max_over_time(svc_seconds_count[range()]))', must: '> 0'}
`, latency, latency))
			j, err := judge.Judge(t.Context(), e, list)
			require.NoError(t, err)
			got := stage.Verdicts(j)
			require.Equal(t, row.want, [3]string{got["holds"], got["breaks"], got["errors"]}, "%s", j.Reason)
		})
	}
}

func offsets(of ...float64) (series string) {
	for shard, offset := range of {
		series += fmt.Sprintf("brrtload_shard_clock_offset_seconds{shard=\"%d\"} %gx25\n", shard, offset)
	}
	return series
}
