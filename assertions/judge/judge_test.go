package judge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
)

const byStatus = `
identities:
  - id: requests-by-status
    what: answers with {status}
    client: sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: sum by (status) (increase(requests_total[range()] anchored))
    ambiguous: sum(increase(brrtload_hits_total{outcome="ambiguous"}[range()] anchored))
budgets:
  - id: rate-of-requests
    expr: sum(increase(requests_total[range()] anchored))
    must: "> 1"
  - id: something-else
    expr: max(max_over_time(depth[range()]))
    must: "< 64"
  - id: late
    expr: histogram_quantile(0.99, sum(increase(brrtload_latency_seconds[range()] anchored)))
    must: "< 1s"
`

const latency = `
brrtload_latency_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:0.1 count:100 offset:-40 buckets:[100]}}x25
depth 3x25
`

// overloaded is a load of which a fifth was sent, on time, and waited for connections; calm a
// generator at a quarter of its two CPUs; slow a target that answers in half a minute.
const (
	overloaded = "brrtload_planned_total 100x25\nbrrtload_sent_total 0+1x25\nbrrtload_lag_floor_p99_seconds 0.0005x25\n" +
		"brrtload_lag_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:0.1 count:1000 offset:-76 buckets:[1000]}}x25\n" +
		"brrtload_waiting_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:30 count:1 offset:40 buckets:[1]}}x25\n" +
		"brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nrequests_total{status=\"200\"} 7+80x25\n"
	calm = "brrtload_generator_cpu_seconds_total 0+0.5x25\nbrrtload_generator_cpus 2x25\n"
	slow = "brrtload_latency_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:0.1 count:100 offset:40 buckets:[100]}}x25\ndepth 3x25\n"
)

func TestJudge(t *testing.T) {
	for name, row := range map[string]struct {
		series, reason string
		verdicts       map[string]string
	}{
		"all is well": {
			stage.Sound + latency + "brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nrequests_total{status=\"200\"} 7+80x25\n",
			"pass: 5 checks held; the tightest is something-else with 95.3 % of its limit left",
			map[string]string{"delivery": "pass", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "pass"},
		},
		"a counter that misses some taints what rests on it": {
			stage.Sound + latency + "brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nrequests_total{status=\"200\"} 7+79x25\n",
			"untruthful: requests-by-status: the client counted 1,600 answers with 200, the server 1,580 (1 check depends on it)",
			map[string]string{"delivery": "pass", "requests-by-status": "untruthful", "rate-of-requests": "untruthful", "something-else": "pass", "late": "pass"},
		},
		"a load that was not sent suspends what the client measured": {
			"brrtload_planned_total 100x25\nbrrtload_sent_total 0+1x25\nbrrtload_lag_floor_p99_seconds 0.0005x25\n" + latency +
				"brrtload_lag_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:0.1 count:1000 offset:-88 buckets:[1000]}}x25\n" +
				"brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nrequests_total{status=\"200\"} 7+80x25\n",
			"inconclusive: delivery: sent 20 of the 100 hits that were due: 20 %, must be >= 99 % (1 check depends on it)",
			map[string]string{"delivery": "inconclusive", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "inconclusive"},
		},
		"a little late, a latency budget that holds still holds": {
			strings.Replace(stage.Sound, "0.0005x25", "0.00001x25", 1) + latency +
				"brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nrequests_total{status=\"200\"} 7+80x25\n",
			"pass: 5 checks held; the tightest is something-else with 95.3 % of its limit left",
			map[string]string{"delivery": "pass", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "pass"},
		},
		"a little late, one that fails by more than that fails": {
			strings.Replace(stage.Sound, "0.0005x25", "0.00001x25", 1) + slow +
				"brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nrequests_total{status=\"200\"} 7+80x25\n",
			"fail: late: 32 s, must be < 1 s",
			map[string]string{"delivery": "pass", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "fail"},
		},
		"a little late, one that fails by less is inconclusive": {
			strings.NewReplacer("0.0005x25", "0.00001x25", "offset:-76", "offset:-27").Replace(stage.Sound) + strings.Replace(latency, "offset:-40", "offset:1", 1) +
				"brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nrequests_total{status=\"200\"} 7+80x25\n",
			"inconclusive: late: the load was not delivered as planned (lag p99 96.3 ms: late (on time is up to 1.01 ms; the floor alone is 10 µs), but within " +
				"the 100 ms up to which it is the planned load; a latency budget that failed by less than the latest hit was late is inconclusive); by itself: fail, 1.09 s, must be < 1 s",
			map[string]string{"delivery": "pass", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "inconclusive"},
		},
		"a target that keeps every connection busy fails its latency budget, and what held is inconclusive": {
			overloaded + calm + slow,
			"fail: sent 20 of the 100 hits that were due (every connection waited for the target); late: 32 s, must be < 1 s",
			map[string]string{"delivery": "inconclusive", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "fail"},
		},
		"a latency budget that held under less than the plan is inconclusive": {
			overloaded + calm + latency,
			"inconclusive: delivery: sent 20 of the 100 hits that were due: 20 %, must be >= 99 % (1 check depends on it)",
			map[string]string{"delivery": "inconclusive", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "inconclusive"},
		},
		"a generator that was out of CPU may have kept hits waiting itself": {
			overloaded + strings.Replace(calm, "0+0.5x25", "0+1.9x25", 1) + slow,
			"inconclusive: delivery: sent 20 of the 100 hits that were due: 20 %, must be >= 99 % (1 check depends on it)",
			map[string]string{"delivery": "inconclusive", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "inconclusive"},
		},
		"nor can it be told whose doing it was when the generator's CPU is not known": {
			overloaded + slow,
			"inconclusive: delivery: sent 20 of the 100 hits that were due: 20 %, must be >= 99 % (1 check depends on it)",
			map[string]string{"delivery": "inconclusive", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "inconclusive"},
		},
		"a generator that lagged besides, by far less than the latency is too long": {
			strings.Replace(overloaded, "offset:-76", "offset:-20", 1) + calm + slow,
			"fail: sent 20 of the 100 hits that were due (every connection waited for the target); late: 32 s, must be < 1 s",
			map[string]string{"delivery": "inconclusive", "requests-by-status": "pass", "rate-of-requests": "pass", "something-else": "pass", "late": "fail"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			j, err := judge.Judge(t.Context(), stage.New(t, row.series), stage.Load(t, byStatus))
			require.NoError(t, err)
			require.Equal(t, row.verdicts, stage.Verdicts(j))
			require.Equal(t, row.reason, stage.InWords(j))
		})
	}
}

func TestNothingAssertedIsNoPass(t *testing.T) {
	j, err := judge.Judge(t.Context(), stage.New(t, stage.Sound), nil)
	require.NoError(t, err)
	require.Equal(t, assertions.Inconclusive, j.Verdict)
	require.Equal(t, "inconclusive: nothing was asserted", stage.InWords(j))

	e := stage.New(t, stage.Sound+"brrtload_secrets_sought 1x25")
	j, err = judge.Judge(t.Context(), e, []assertions.Assertion{checks.Secrets{}})
	require.NoError(t, err)
	require.Equal(t, "inconclusive: nothing was asserted", stage.InWords(j), "that secrets are kept is looked at in any case")
}

// Of two things that the service says of itself and that differ, one may be known to be untrue;
// then nothing is known of the other.
func TestWhatIsComparedWithALieIsNotAccused(t *testing.T) {
	const asserted = `
identities:
  - id: durations
    other: sum(increase(requests_total[range()] anchored))
    server: increase(duration_seconds_count[range()] anchored)
  - id: requests
    client: sum(increase(brrtload_hits_total[range()] anchored))
    server: sum(increase(requests_total[range()] anchored))
agreements:
  - {id: halves, balance: requests_total - 2 * halves_total}
budgets:
  - {id: mean, expr: "increase(duration_seconds_count[range()] anchored)", must: "> 1"}
  - {id: half, expr: "increase(halves_total[range()] anchored)", must: "> 1"}
`
	for name, row := range map[string]struct {
		requests, durations, halves int
		gone                        bool
		want                        map[string]string
	}{
		"all are right": {80, 80, 40, false, map[string]string{"requests": "pass", "durations": "pass", "halves": "pass", "mean": "pass", "half": "pass"}},
		"the one that lies is known": {70, 80, 40, false,
			map[string]string{"requests": "untruthful", "durations": "inconclusive", "halves": "inconclusive", "mean": "pass", "half": "pass"}},
		"one that is not held against the client": {80, 70, 40, false,
			map[string]string{"requests": "pass", "durations": "untruthful", "halves": "pass", "mean": "untruthful", "half": "pass"}},
		"one is not there at all": {70, 80, 40, true,
			map[string]string{"requests": "untruthful", "durations": "does not fit", "halves": "inconclusive", "mean": "does not fit", "half": "pass"}},
	} {
		t.Run(name, func(t *testing.T) {
			series := stage.Sound + fmt.Sprintf("brrtload_hits_total 0+80x25\nrequests_total 0+%dx25\nduration_seconds_count 0+%dx25\nhalves_total 0+%dx25\n",
				row.requests, row.durations, row.halves)
			if row.gone {
				series = strings.Replace(series, "duration_seconds_count", "duration_count", 1)
			}
			j, err := judge.Judge(t.Context(), stage.New(t, series), stage.Load(t, asserted))
			require.NoError(t, err)
			got := stage.Verdicts(j)
			delete(got, "delivery")
			require.Equal(t, row.want, got)
			if name == "the one that lies is known" {
				require.Equal(t, "compares with requests_total, which requests found untruthful; by itself: "+
					"requests_total counted 1,400, duration_seconds_count 1,600", j.Checks[3].Sentence())
			}
		})
	}
}

// What brrtload counted itself is never accused: a log that lacks lines was counted right.
func TestTheClientsOwnSeriesAreNeverAccused(t *testing.T) {
	j, err := judge.Judge(t.Context(), stage.New(t, stage.Sound+"requests_total 0+8x25\nbrrtload_log_events_total 0+7x25\n"), stage.Load(t, `
identities: [{id: logged, other: "increase(requests_total[range()] anchored)", server: "increase(brrtload_log_events_total[range()] anchored)"}]
budgets: [{id: lines, expr: "increase(brrtload_log_events_total[range()] anchored)", must: "> 1"}]
`))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"delivery": "pass", "logged": "untruthful", "lines": "pass"}, stage.Verdicts(j))
}
