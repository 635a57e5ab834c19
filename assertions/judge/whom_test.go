package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
)

const cpuClock = `
agreements:
  - id: cpu-clock
    why: w
    close: {reported: 'increase(process_cpu_seconds_total[range()] anchored)', observed: 'increase(brrtload_target_cpu_seconds_total[range()] anchored)', tolerance: 10%, at_least: 250ms}
`

// The service reports five times the CPU time that was observed. That is a lie only when one
// process reports and is observed.
func TestWhatIsObservedMustBeWhatReports(t *testing.T) {
	const differ = "process_cpu_seconds_total 0+0.5x25\nbrrtload_target_cpu_seconds_total 0+0.1x25\n"
	const lie = "untruthful: 10 s reported, 2 s observed, further apart than 250 ms"
	for name, row := range map[string]struct{ series, want string }{
		"a run of before start times were observed": {differ, lie},
		"the same process":                          {differ + "brrtload_target_exposes 1x25\nbrrtload_target_start_time_seconds 1000x25\nprocess_start_time_seconds 1000.02x25\n", lie},
		"one that takes the time at which a library was loaded": {
			differ + "brrtload_target_exposes 1x25\nbrrtload_target_start_time_seconds 1000x25\nprocess_start_time_seconds 1003x25\n", lie},
		"one that does not say when it started, and is alone": {differ + "brrtload_target_exposes 1x25\nbrrtload_target_start_time_seconds 1000x25\n", lie},
		"metrics at the port of another process": {
			differ + "brrtload_target_exposes 0x25\nbrrtload_target_start_time_seconds 1000x25\nprocess_start_time_seconds 1000x25\n",
			"not applicable: the process that is observed does not listen at the port of the metrics"},
		"a proxy that started long before the service behind it": {
			differ + "brrtload_target_exposes 1x25\nbrrtload_target_start_time_seconds 1000x25\nprocess_start_time_seconds 1020x25\n",
			"not applicable: the process that exposes the metrics started 20 s apart from the one that is observed"},
		"a proxy that started right before": {
			differ + "brrtload_target_exposes 1x25\nbrrtload_target_start_time_seconds 1000x25\nbrrtload_target_peer_start_time_seconds{pid=\"7\"} 1000.01x25\nprocess_start_time_seconds 1000.01x25\n",
			"not applicable: another process of the target started at the same time, and may be the one that exposes the metrics"},
		"a helper of the service that started later": {
			differ + "brrtload_target_exposes 1x25\nbrrtload_target_start_time_seconds 1000x25\nbrrtload_target_peer_start_time_seconds{pid=\"7\"} 1002x25\nprocess_start_time_seconds 1000.01x25\n", lie},
		"several that listen, and no start time": {
			differ + "brrtload_target_exposes 1x25\nbrrtload_target_start_time_seconds 1000x25\nbrrtload_target_peer_start_time_seconds{pid=\"7\"} 1002x25\n",
			"not applicable: which of several processes exposes the metrics is unknown: process_start_time_seconds does not tell them apart"},
		"another endpoint's start time does not count": {
			differ + "brrtload_target_exposes 1x25\nbrrtload_target_start_time_seconds 1000x25\nprocess_start_time_seconds 1000x25\nprocess_start_time_seconds{endpoint=\"db\"} 5x25\n", lie},
	} {
		require.Equal(t, []string{row.want}, stage.Judge(t, stage.New(t, row.series), cpuClock), name)
	}
}

func TestNothingIsKnownOfATargetWhenAStrangerAnswered(t *testing.T) {
	for name, hits := range map[string]string{
		"well":  "brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nbrrtload_unexpected_total 0x25\nrequests_total{status=\"200\"} 7+80x25\n",
		"badly": "brrtload_hits_total{outcome=\"answered\",status=\"500\"} 0+80x25\nbrrtload_unexpected_total 0+80x25\nrequests_total{status=\"200\"} 7+70x25\n",
	} {
		j, err := judge.Judge(t.Context(), stage.New(t, stage.Sound+latency+hits+"brrtload_target_foreign 1x25\n"), stage.Load(t, byStatus))
		require.NoError(t, err)
		require.Equal(t, assertions.Inconclusive, j.Verdict, name)
		require.Contains(t, stage.InWords(j), "inconclusive: delivery: neither the target's command nor a process that it started listens at the target's address, "+
			"so that something else was measured", name)
		for id, verdict := range stage.Verdicts(j) {
			require.Equal(t, "inconclusive", verdict, "%s: %s", name, id)
		}
	}
}
