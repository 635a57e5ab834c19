package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
)

const unexpected = `
budgets:
  - {id: wanted, why: w, expr: 'sum(increase(brrtload_unexpected_total[range()] anchored))', must: "== 0", in: run}
`

const depthOnly = `
budgets:
  - {id: depth, why: w, expr: 'max(max_over_time(depth[range()]))', must: "< 64", in: run}
`

// all returns the hits of a run, 100 a second, all of which failed in this way.
func all(labels string) string {
	return stage.Sound + "brrtload_hits_total{" + labels + "} 0+100x25\nbrrtload_unexpected_total 0+100x25\ndepth 3x25\n"
}

func TestARunWhoseHitsAllFailedIsNoPassAndSaysSoFirst(t *testing.T) {
	const refused = `outcome="never reached",kind="dial"`
	for name, row := range map[string]struct{ series, asserted, want string }{
		"answered 500": {all(`outcome="answered",status="500"`), depthOnly, "fail: hits: all 2,500 hits failed: they were answered with status 500"},
		"refused":      {all(refused), depthOnly, "fail: hits: all 2,500 hits failed: they found no connection to the target"},
		"timed out": {all(`outcome="ambiguous",kind="timed out"`), unexpected,
			"fail: all 2,500 hits failed: they timed out; wanted: 2,000, must be == 0 (and 1 more fail)"},
		"reset": {all(`outcome="ambiguous",kind="reset"`), depthOnly, "fail: hits: all 2,500 hits failed: they were ambiguous (reset)"},
		"of several kinds, the commonest": {
			stage.Sound + "brrtload_hits_total{outcome=\"answered\",status=\"503\"} 0+90x25\nbrrtload_hits_total{" + refused + "} 0+10x25\n" +
				"brrtload_unexpected_total 0+100x25\ndepth 3x25\n", depthOnly,
			"fail: hits: all 2,500 hits failed: 2,250 of them were answered with status 503"},
		"all but one": {
			stage.Sound + "brrtload_hits_total{" + refused + "} 0+100x25\nbrrtload_hits_total{outcome=\"answered\",status=\"200\"} 1x25\n" +
				"brrtload_unexpected_total 0+100x25\ndepth 3x25\n", depthOnly,
			"pass: 2 checks held; the tightest is depth with 95.3 % of its limit left"},
		"those that we cut ourselves": {
			stage.Sound + "brrtload_hits_total{outcome=\"ambiguous\",kind=\"cancelled\"} 0+100x25\nbrrtload_unexpected_total 0x25\ndepth 3x25\n", depthOnly,
			"pass: 2 checks held; the tightest is depth with 95.3 % of its limit left"},
		"beside a metric that does not tell the truth": {
			all(`outcome="answered",status="500"`) + "requests_total 0+90x25\n", `
identities:
  - {id: counted, why: w, what: answers, client: 'sum(increase(brrtload_hits_total[range()] anchored))', server: 'sum(increase(requests_total[range()] anchored))'}
`, "untruthful: all 2,500 hits failed: they were answered with status 500; counted: the client counted 2,000 answers, the server 1,800"},
	} {
		j, err := judge.Judge(t.Context(), stage.New(t, row.series), stage.Load(t, row.asserted))
		require.NoError(t, err, name)
		require.Equal(t, row.want, stage.InWords(j), name)
	}
}

func TestHitsThatTheGeneratorCouldNotSendAreItsOwnFault(t *testing.T) {
	const half = "brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+60x25\nbrrtload_unexpected_total 0x25\ndepth 3x25\n"
	for kind, remedy := range map[string]string{
		"descriptors": "the generator had no file descriptor left; raise `ulimit -n`, or lower connections",
		"ports":       "the generator had no local port left; keep connections alive, or widen net.ipv4.ip_local_port_range",
		"memory":      "the generator's kernel had no memory left for a connection; lower connections",
		"resolver":    "no name server answered the generator; give an address in place of the name, or mend the resolver",
	} {
		j, err := judge.Judge(t.Context(), stage.New(t, stage.Sound+half+"brrtload_unsent_total{kind=\""+kind+"\"} 0+40x25\n"), stage.Load(t, unexpected))
		require.NoError(t, err)
		require.Equal(t, map[string]string{"delivery": "inconclusive", "wanted": "pass"}, stage.Verdicts(j))
		require.Equal(t, "inconclusive: delivery: sent 1,200 of the 2,000 hits that were due: 60 %, must be >= 99 %; 800 were not sent: "+remedy, stage.InWords(j))
	}
}

// A proxy in front may answer 502 by itself: the service that did not count these hits tells the
// truth. A 200 no proxy makes up.
func TestAnswersOfAProxyAccuseNoMetric(t *testing.T) {
	const counted = `
identities:
  - id: counted
    why: w
    what: answers with {status}
    client: sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: sum by (status) (increase(requests_total[range()] anchored))
`
	const hits = "brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+80x25\nbrrtload_hits_total{outcome=\"answered\",status=\"502\"} 0+20x25\n"
	for name, row := range map[string]struct {
		series string
		want   []string
	}{
		"unwanted, and the service saw none": {
			hits + "brrtload_gateway_answers_total{status=\"502\"} 0+20x25\nrequests_total{status=\"200\"} 0+80x25\n", []string{
				"pass: the client counted 1,600 answers with 200, the server 1,600",
				"inconclusive: the client counted 400 answers with 502, the server 0; 400 answers were 502, 503 or 504, which a proxy in front may give without the service",
			}},
		"wanted, so that they are the service's own": {
			hits + "requests_total{status=\"200\"} 0+80x25\n", []string{
				"pass: the client counted 1,600 answers with 200, the server 1,600",
				"untruthful: the client counted 400 answers with 502, the server 0",
			}},
		"answers with 200 are missing besides": {
			hits + "brrtload_gateway_answers_total{status=\"502\"} 0+20x25\nrequests_total{status=\"200\"} 0+79x25\n", []string{
				"untruthful: the client counted 1,600 answers with 200, the server 1,580",
				"inconclusive: the client counted 400 answers with 502, the server 0; 400 answers were 502, 503 or 504, which a proxy in front may give without the service",
			}},
	} {
		require.Equal(t, row.want, stage.Judge(t, stage.New(t, row.series), counted), name)
	}
	const alive = `
liveness:
  - {id: alive, why: w, metric: work_total, stimulus: 'sum(increase(brrtload_hits_total{outcome="answered"}[range()] anchored))', what: answers}
`
	require.Equal(t, []string{"inconclusive: work_total stayed 5 through 400 answers; 400 answers were 502, 503 or 504, which a proxy in front may give without the service"},
		stage.Judge(t, stage.New(t, "brrtload_hits_total{outcome=\"answered\",status=\"502\"} 0+20x25\nbrrtload_gateway_answers_total{status=\"502\"} 0+20x25\nwork_total 5x25\n"), alive))
}
