package judge_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
)

// Counts that come from several processes in turn prove nothing, whatever they show.
func TestSeveralProcessesMakeCountsInconclusive(t *testing.T) {
	const text = `
identities: [{id: counted, what: answers, client: "sum(increase(brrtload_hits_total[range()] anchored))", server: "sum(increase(requests_total[range()] anchored))"}]
budgets:
  - {id: share, expr: "sum(increase(requests_total[range()] anchored))", must: "< 5"}
  - {id: own, expr: "sum(increase(brrtload_hits_total[range()] anchored))", must: "> 5"}
expositions: [{id: up, check: monotonic}]
`
	because := regexp.MustCompile("several processes (may )?answer here in turn, each with its own counts; scrape one process, or merge their counts")
	suspended := map[string]string{"delivery": "pass", "counted": "inconclusive", "share": "inconclusive", "own": "pass", "up": "inconclusive"}
	even := "requests_total 7+8x25\nbrrtload_hits_total 0+8x25\n"
	for name, row := range map[string]struct {
		series   string
		label    string
		verdicts map[string]string
	}{
		"their start times alternate": {"requests_total 7 900 15 901 23 902 31 903 40 904x20\nbrrtload_hits_total 0+8x25\n" +
			"process_start_time_seconds 5 9 5 9 5 9 5 9 5 9x20\nbrrtload_scrape_turns_total{endpoint=\"target\"} 0+1x25\n", "route", suspended},
		"one of three was seen": {even + "process_start_time_seconds 5x25\n" +
			"brrtload_target_processes{connected=\"yes\"} 1x25\n" +
			"brrtload_target_processes{connected=\"no\"} 2x25\n", "route", suspended},
		"another endpoint has several": {even + "process_start_time_seconds 5x25\nbrrtload_scrape_turns_total{endpoint=\"b\"} 0+1x25\n", "route",
			map[string]string{"delivery": "pass", "counted": "pass", "share": "fail", "own": "pass", "up": "pass"}},
		"three, told apart by a label": {even + "process_start_time_seconds 5x25\nbrrtload_target_processes{connected=\"yes\"} 1x25\nbrrtload_target_processes{connected=\"no\"} 2x25\n", "pid",
			map[string]string{"delivery": "pass", "counted": "pass", "share": "fail", "own": "pass", "up": "pass"}},
		"three, one of them busy, without a start time": {even + "brrtload_target_processes{connected=\"yes\"} 1x25\nbrrtload_target_processes{connected=\"no\"} 2x25\n", "route",
			map[string]string{"delivery": "pass", "counted": "inconclusive", "share": "inconclusive", "own": "pass", "up": "pass"}},
		"three, all busy, and the counts are right": {even + "brrtload_target_processes{connected=\"yes\"} 3x25\n", "route",
			map[string]string{"delivery": "pass", "counted": "pass", "share": "fail", "own": "pass", "up": "pass"}},
		"three, all busy, and too few hits to tell": {"requests_total 7+0.75x25\nbrrtload_hits_total 0+0.75x25\nbrrtload_target_processes{connected=\"yes\"} 3x25\n", "route",
			map[string]string{"delivery": "pass", "counted": "pass", "share": "inconclusive", "own": "pass", "up": "pass"}},
		"three, all busy, and the counts are not": {strings.Replace(even, "7+8x25", "7+3x25", 1) + "brrtload_target_processes{connected=\"yes\"} 3x25\n", "route",
			map[string]string{"delivery": "pass", "counted": "inconclusive", "share": "inconclusive", "own": "pass", "up": "pass"}},
		"one": {even + "process_start_time_seconds 5x25\nbrrtload_target_processes{connected=\"yes\"} 1x25\n", "route",
			map[string]string{"delivery": "pass", "counted": "pass", "share": "fail", "own": "pass", "up": "pass"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, stage.Sound+row.series)
			e.Metadata = []facts.Family{{Endpoint: "target", Name: "requests_total", Type: "counter", Labels: map[string][]string{row.label: {"7"}}}}
			j, err := judge.Judge(t.Context(), e, stage.Load(t, text))
			require.NoError(t, err)
			require.Equal(t, row.verdicts, stage.Verdicts(j))
			if row.verdicts["share"] == "inconclusive" {
				require.Regexp(t, because, stage.InWords(j))
			}
		})
	}
}
