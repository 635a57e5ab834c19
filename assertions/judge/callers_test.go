package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
)

// Of a service that was there before, others may make use; of one that was started for the run
// nobody knows. Another caller would show in every count of the service.
func TestASurplusMayBeAnotherCallers(t *testing.T) {
	const (
		hits     = "brrtload_hits_total{status=\"200\"} 0+8x25\nbrrtload_hits_total{status=\"404\"} 0+2x25\n"
		started  = "brrtload_target_cpu_seconds_total 1x25\n"
		surplus  = `requests_total{status="200"} 0+9x25` + "\n" + `requests_total{status="404"} 0+2x25` + "\n"
		timed    = "timed_count 0+10x25\n"
		requests = `identities:
  - {id: requests, client: 'sum by (status) (increase(brrtload_hits_total[range()] anchored))', server: 'sum by (status) (increase(requests_total{path!="/metrics"}[range()] anchored))'}
`
		durations = "  - {id: durations, client: 'sum(increase(brrtload_hits_total[range()] anchored))', server: 'sum(increase(timed_count"
		all       = durations + "[range()] anchored))'}\n"
		some      = durations + "{path!=\"/health\"}[range()] anchored))'}\n"
		part      = `  - {id: part, client: 'sum(increase(brrtload_hits_total{status="200"}[range()] anchored))', server: 'sum(increase(buys_total[range()] anchored))'}` + "\n"
		same      = `  - {id: same, client: 'sum(increase(brrtload_hits_total[range()] anchored))', server: 'sum(increase(requests_total{path!="/metrics"}[range()] anchored)) - 20'}` + "\n"
	)
	for name, row := range map[string]struct {
		series, text string
		verdict      string
		says         string
	}{
		"nothing else is counted": {surplus, requests, "inconclusive",
			"another caller may have made the surplus; status=\"200\": the client counted 160, the server 180; keep other callers away, leave their series out, or let target.command start the service"},
		"the service was started for the run":     {surplus + started, requests, "untruthful", "status=\"200\": the client counted 160, the server 180"},
		"another count is exact":                  {surplus + timed, requests + all, "untruthful", "status=\"200\": the client counted 160, the server 180; there was no other caller: durations is exact"},
		"another count has it, too":               {surplus + "timed_count 0+11x25\n", requests + all, "inconclusive", "another caller may have made the surplus; "},
		"another count leaves more out":           {surplus + timed, requests + some, "inconclusive", "another caller may have made the surplus; "},
		"another count is of fewer hits":          {surplus + "buys_total 0+8x25\n", requests + part, "inconclusive", "another caller may have made the surplus; "},
		"the same count, put right by hand":       {surplus, requests + same, "inconclusive", "another caller may have made the surplus; "},
		"a status that no hit had":                {`requests_total{status="200"} 0+8x25` + "\n" + `requests_total{status="404"} 0+2x25` + "\n" + `requests_total{status="503"} 0+1x25` + "\n" + timed, requests + all, "inconclusive", "another caller may have made the surplus; "},
		"every hit is counted twice":              {`requests_total{status="200"} 0+16x25` + "\n" + `requests_total{status="404"} 0+4x25` + "\n", requests, "untruthful", "status=\"200\": the client counted 160, the server 320"},
		"too many here are missing there":         {`requests_total{status="200"} 0+9x25` + "\n" + `requests_total{status="404"} 0+1x25` + "\n", requests, "untruthful", "status=\"200\": the client counted 160, the server 180"},
		"as many as hits of a request, by chance": {`requests_total{status="200"} 0+10x25` + "\n" + `requests_total{status="404"} 0+2x25` + "\n", requests, "inconclusive", "another caller may have made the surplus; "},
	} {
		t.Run(name, func(t *testing.T) {
			j, err := judge.Judge(t.Context(), stage.New(t, stage.Sound+hits+row.series), stage.Load(t, row.text))
			require.NoError(t, err)
			require.Equal(t, row.verdict, stage.Verdicts(j)["requests"])
			require.Contains(t, j.Checks[1].Reason, row.says)
		})
	}
}
