package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
)

// kindOfHits writes what the client has of one kind of request: n answers a second, each in 2^(e-1)
// to 2^e seconds, with a body of this many bytes.
func kindOfHits(request, method string, n, e, bytes int) string {
	return fmt.Sprintf("brrtload_service_seconds{request=%q,method=%q} {{schema:0 sum:0 count:0}}+{{schema:0 sum:1 count:%[3]d offset:%[4]d buckets:[%[3]d]}}x30\n"+
		"brrtload_hits_total{request=%[1]q,status=\"200\",outcome=\"answered\"} 0+%[3]dx30\n"+
		"brrtload_response_bytes_total{request=%[1]q} 0+%[5]dx30\n", request, method, n, e, n*bytes)
}

const withinRule = "agreements: [{id: a, within: {inner: d_seconds, outer: brrtload_service_seconds}}]"

// What is not timed is told by its number, and no clock is blamed.
func TestWhatIsNotTimed(t *testing.T) {
	client := kindOfHits("list", "GET", 90, -8, 10) + kindOfHits("lost", "GET", 10, -9, 10)
	timed := histogram("d_seconds", [4]int{0, 90, 90, 90}, 0.3)
	require.Equal(t, []string{`inconclusive: 1,800 timed of 2,000 answered: 200 were not timed, as many as the hits of "lost"; ` +
		`leave them out with outer: brrtload_service_seconds{request!="lost"}`}, stage.Judge(t, stage.New(t, client+timed), withinRule))
	require.Equal(t, []string{`pass: at every bound of d_seconds{route=""}, no fewer times than the client saw`}, stage.Judge(t, stage.New(t, client+timed),
		`agreements: [{id: a, within: {inner: 'd_seconds{route=""}', outer: 'brrtload_service_seconds{request!="lost"}'}}]`))
	require.Equal(t, []string{`untruthful: d_seconds has 0 times up to 10 ms, but the client saw 2,000 answers within 7.81 ms: a part took longer than the whole`},
		stage.Judge(t, stage.New(t, client+histogram("d_seconds", [4]int{0, 0, 90, 90}, 3)), withinRule), "those that are timed are too slow")
	byStatus := strings.ReplaceAll(kindOfHits("one", "GET", 5, -9, 10)+kindOfHits("other", "GET", 5, -9, 10), `"200"`, `"404"`)
	require.Equal(t, []string{`inconclusive: 1,800 timed of 2,000 answered: 200 were not timed, as many as answers with 404; leave their requests out of outer`},
		stage.Judge(t, stage.New(t, kindOfHits("list", "GET", 90, -8, 10)+byStatus+timed), withinRule))
	require.Equal(t, []string{`pass: 1,800 timed of 1,820 answered: 20 were not timed`},
		stage.Judge(t, stage.New(t, kindOfHits("list", "GET", 90, -8, 10)+kindOfHits("lost", "GET", 1, -9, 10)+timed), withinRule), "within the two per cent")
}

// The client has the whole answer to a HEAD while the handler goes on.
func TestHeadIsNotCompared(t *testing.T) {
	server := histogram("d_seconds", [4]int{0, 60, 100, 100}, 3)
	require.Equal(t, []string{"pass: at every bound of d_seconds, no fewer times than the client saw"},
		stage.Judge(t, stage.New(t, kindOfHits("list", "GET", 60, -7, 10)+kindOfHits("export", "HEAD", 40, -9, 0)+server), withinRule))
	require.Contains(t, stage.Judge(t, stage.New(t, kindOfHits("list", "GET", 60, -7, 10)+kindOfHits("export", "GET", 40, -9, 0)+server), withinRule)[0], "untruthful")
}

// A service that leaves out most of what its slow answers take is as untrue as one that is slower
// than its client; what the way, or a generator that is late, may have added accuses nobody.
func TestAServiceIsNotMuchFasterThanItsClient(t *testing.T) {
	quick, slow := kindOfHits("list", "GET", 90, -9, 10), kindOfHits("export", "GET", 10, -1, 10) // 250 to 500 ms
	const (
		held   = "pass: at every bound of d_seconds, no fewer times than the client saw"
		direct = "brrtload_target_exposes 1x25\n"
	)
	honest, clipped := histogram("d_seconds", [4]int{0, 90, 90, 100}, 4), histogram("d_seconds", [4]int{0, 90, 100, 100}, 1)
	for name, row := range map[string]struct{ client, server, want string }{
		"as slow as it is": {quick + slow, honest, held},
		"cut off at 100 ms": {quick + slow, clipped + direct,
			"untruthful: the client waited longer than 250 ms for 200 answers (export), but d_seconds has 0 times above 100 ms: it leaves out most of the time"},
		"cut off at 100 ms, perhaps behind a proxy": {quick + slow, clipped + "brrtload_target_exposes 0x25\n",
			"inconclusive: the client waited longer than 250 ms for 200 answers (export), but d_seconds has 0 times above 100 ms: it leaves out most of the time, " +
				"or a proxy in between adds it; let target.command start the service, without the proxy, to tell"},
		"cut off at 100 ms, beside another process that started at the same time": {quick + slow, clipped + direct +
			"process_start_time_seconds{endpoint=\"\"} 100x25\nbrrtload_target_start_time_seconds 101x25\nbrrtload_target_peer_start_time_seconds{pid=\"7\"} 100x25\n",
			"inconclusive: the client waited longer than 250 ms for 200 answers (export), but d_seconds has 0 times above 100 ms: it leaves out most of the time, " +
				"or a proxy in between adds it; let target.command start the service, without the proxy, to tell"},
		"all as slow: it may be the way": {kindOfHits("list", "GET", 90, -1, 10) + slow, histogram("d_seconds", [4]int{0, 90, 100, 100}, 1), held},
		"the way is slow for others, too": {strings.Replace(quick, "count:90 offset:-9 buckets:[90]", "count:90 offset:-9 buckets:[80 0 0 0 0 0 0 10]", 1) + slow,
			clipped, "inconclusive: the client waited longer than 250 ms for 200 answers (export), but d_seconds has 0 times above 100 ms, " +
				"and 11.1 % of quick answers were late by as much: the machine is busy"},
		"the way is slow for others, too, and the service is": {strings.Replace(quick, "count:90 offset:-9 buckets:[90]", "count:90 offset:-9 buckets:[80 0 0 0 0 0 0 10]", 1) + slow,
			honest, held},
		"a large body is on its way": {quick + kindOfHits("export", "GET", 10, -1, 1<<20), clipped, held},
		"too few to tell": {quick + "brrtload_service_seconds{request=\"export\",method=\"GET\"} {{schema:0 sum:0 count:0}}x5 " +
			"{{schema:0 sum:1 count:4 offset:-1 buckets:[4]}}x25\n",
			histogram("d_seconds", [4]int{0, 90, 90, 90}, 0.3), "pass: 1,800 timed of 1,804 answered: 4 were not timed"},
		"slow ones are not timed": {quick + slow, histogram("d_seconds", [4]int{0, 90, 90, 90}, 0.3), `inconclusive: 1,800 timed of 2,000 answered: 200 were not timed, as many as the hits of "export"; leave them out with outer: brrtload_service_seconds{request!="export"}`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{row.want}, stage.Judge(t, stage.New(t, row.client+row.server), withinRule))
		})
	}
}

// A summand of the client's that nothing gave is 0; one of the service's is not known.
func TestEmptySummandsOfSlack(t *testing.T) {
	client, server := kindOfHits("list", "GET", 100, -8, 10), histogram("d_seconds", [4]int{0, 90, 90, 90}, 0.3)
	rule := func(slack string) string {
		return "agreements: [{id: a, within: {inner: d_seconds, outer: brrtload_service_seconds, slack: '" + slack + "'}}]"
	}
	require.Equal(t, []string{"pass: at every bound of d_seconds, no fewer times than the client saw"}, stage.Judge(t, stage.New(t, client+server+"shed 0+10x30\n"),
		rule(`sum(increase(brrtload_hits_total{outcome="cut"}[range()] anchored)) + (sum(increase(shed[range()] anchored)) + sum(increase(brrtload_hits_total{outcome="x"}[range()] anchored)))`)))
	require.Equal(t, []string{"inconclusive: no series matches shed in run: how many times may be missing is not known"}, stage.Judge(t, stage.New(t, client+server),
		rule(`sum(increase(brrtload_hits_total{outcome="cut"}[range()] anchored)) + sum(increase(shed[range()] anchored))`)))
}
