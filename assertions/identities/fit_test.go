package identities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/assertions/lint"
	"brrtload/assertions/packs"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// shown is what a service exposes in the tests of what fits it.
var shown = []facts.Family{
	{Name: "http_requests_total", Type: "counter", Series: 3, Labels: map[string][]string{"code": {"200", "404"}, "handler": {"orders", "stock"}}},
	{Name: "by_class_total", Type: "counter", Series: 2, Labels: map[string][]string{"status": {"2xx", "4xx"}}},
	{Name: "bare_total", Type: "counter", Series: 1},
	{Name: "only_help_total", Type: "counter"},
	{Name: "took_seconds", Type: "histogram", Series: 2, Labels: map[string][]string{"handler": {"orders"}}},
}

const served = `
brrtload_hits_total{request="a",outcome="answered",status="200"} 0+8x25
brrtload_hits_total{request="a",outcome="answered",status="404"} 0+1x25
brrtload_hits_total{request="a",outcome="cut"} 0x25
http_requests_total{code="200",handler="orders"} 0+8x25
http_requests_total{code="404",handler="stock"} 0+1x25
by_class_total{status="2xx"} 0+8x25
by_class_total{status="4xx"} 0+1x25
bare_total 0+9x25
`

const answers = `client: 'sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))', server: `

func TestWhatDoesNotFit(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"classes against codes": {
			`identities: [{id: i, ` + answers + `'sum by (status) (increase(by_class_total[range()] anchored))'}]`,
			`does not fit: status is 200, 404 on one side and 2xx, 4xx on the other: one counts classes; label_replace(..., "status", "${1}xx", "status", "(.)..") makes classes of codes`},
		"classes made of codes fit": {
			`identities: [{id: i, client: 'sum by (status) (label_replace(increase(brrtload_hits_total{outcome="answered"}[range()] anchored), "status", "${1}xx", "status", "(.).."))',
  server: 'sum by (status) (increase(by_class_total[range()] anchored))'}]`,
			`pass: status="2xx": the client counted 160, the server 160`},
		"a label that the service does not have": {
			`identities: [{id: i, ` + answers + `'sum by (status) (increase(http_requests_total[range()] anchored))'}]`,
			`does not fit: http_requests_total has no label status; it has code, handler`},
		"a label misspelt in a matcher": {
			`budgets: [{id: b, expr: 'sum(increase(http_requests_total{cod="200"}[range()] anchored))', must: "== 0", on_missing: zero}]`,
			`does not fit: http_requests_total has no label cod; did you mean "code"?; only what is exposed counts as 0`},
		"a class of a label with codes, though nothing may count as zero": {
			`budgets: [{id: b, expr: 'sum(increase(http_requests_total{code=~"5xx"}[range()] anchored))', must: "== 0", on_missing: zero}]`,
			`does not fit: http_requests_total has no code=~"5xx"; its values are status codes such as "200"; only what is exposed counts as 0`},
		"a code that did not occur is zero": {
			`budgets: [{id: b, expr: 'sum(increase(http_requests_total{code=~"5.."}[range()] anchored))', must: "== 0", on_missing: zero}]`,
			`pass: 0, must be == 0; no series matches http_requests_total{code=~"5.."}, though http_requests_total was exposed, which counts as 0`},
		"a family that does not exist is not zero": {
			`budgets: [{id: b, expr: 'sum(increase(http_request_errors_total[range()] anchored))', must: "== 0", on_missing: zero}]`,
			`does not fit: http_request_errors_total is not exposed; did you mean "http_requests_total"?; only what is exposed counts as 0: write "on_missing: pass" for a metric that comes with its first event`},
		"what is left out by a label that is not there": {
			`budgets: [{id: b, expr: 'sum(increase(bare_total{reason!~"known|other"}[range()] anchored))', must: "== 0"}]`,
			`does not fit: bare_total has no label reason; it has no labels`},
		"whether a label is there may be asked": {
			`budgets: [{id: b, expr: 'sum(increase(bare_total{reason!=""}[range()] anchored))', must: "== 0", on_missing: zero}]`,
			`pass: 0, must be == 0; no series matches bare_total{reason!=""}, though bare_total was exposed, which counts as 0`},
		"a family of which only the help is exposed": {
			`budgets: [{id: b, expr: 'sum(increase(only_help_total{code="500"}[range()] anchored))', must: "== 0", on_missing: zero}]`,
			`pass: 0, must be == 0; no series matches only_help_total{code="500"}: only_help_total has no code="500"; it has no such label, which counts as 0`},
		"buckets of a native histogram": {
			`budgets: [{id: b, expr: 'histogram_quantile(0.9, sum by (le) (increase(took_seconds_bucket[range()] anchored)))', must: "< 1s"}]`,
			`does not fit: took_seconds is a native histogram: it has no _bucket, _count, _sum and no le; write histogram_quantile(0.99, sum(increase(took_seconds[range()] anchored))), histogram_count(...) or histogram_sum(...)`},
		"nothing on either side": {
			`identities: [{id: i, other: 'sum(increase(http_requests_total{code="500"}[range()] anchored))', server: 'sum(increase(http_requests_total{code="501"}[range()] anchored))'}]`,
			`does not fit: no series matches either side: sum(increase(http_requests_total{code="500"}[range()] anchored)), sum(increase(http_requests_total{code="501"}[range()] anchored))`},
		"a status that no hit had": {
			`identities: [{id: i, client: 'sum(increase(brrtload_hits_total{status="503"}[range()] anchored))', server: 'sum(increase(http_requests_total{code="503"}[range()] anchored))'}]`,
			`not applicable: there was nothing to count: no series matches sum(increase(http_requests_total{code="503"}[range()] anchored)), and the client counted 0`},
		"a metric that comes with its first event, and nothing happened": {
			`identities: [{id: i, on_missing: zero, client: 'sum(increase(brrtload_hits_total{outcome="cut"}[range()] anchored))', server: 'sum(increase(connections_left_by_client_total[range()] anchored))'}]`,
			`not applicable: connections_left_by_client_total is not exposed: there was nothing to count`},
		"and something happened": {
			`identities: [{id: i, on_missing: zero, client: 'sum(increase(brrtload_hits_total{status="404"}[range()] anchored))', server: 'sum(increase(connections_left_by_client_total[range()] anchored))'}]`,
			`does not fit: connections_left_by_client_total is not exposed, and there was something to count: 20`},
		"ambiguity swallows everything": {
			`identities: [{id: i, client: '0 * sum(increase(brrtload_hits_total[range()] anchored))', server: '0 * sum(increase(bare_total[range()] anchored))', ambiguous: 'sum(increase(brrtload_hits_total[range()] anchored))'}]`,
			`does not fit: it could not fail: nothing that it counts is certain, the service counted 0, and 0 to 180 was allowed`},
		"the same things under other names": {
			`identities: [{id: i, client: 'sum by (handler) (label_replace(increase(brrtload_hits_total{status="200"}[range()] anchored), "handler", "list-orders", "", ""))', server: 'sum by (handler) (increase(http_requests_total{code="200"}[range()] anchored))'}]`,
			`does not fit: handler is list-orders on one side and orders on the other, and both count 160 in all: the values have other names`},
		"a lie about the status is none of these": {
			`identities: [{id: i, client: 'sum by (code) (label_replace(increase(brrtload_hits_total{status="404"}[range()] anchored), "code", "500", "", ""))', server: 'sum by (code) (increase(http_requests_total{code="404"}[range()] anchored))'}]`,
			`untruthful: code="404": the client counted 0, the server 20`},
		"a stimulus that did not happen": {
			`liveness: [{id: l, metric: 'http_requests_total{code="503"}', stimulus: 'sum(increase(brrtload_hits_total{status="503"}[range()] anchored))', what: refusals}]`,
			`not applicable: nothing provoked it: there were no refusals`},
		"a metric that is not there, and should react": {
			`liveness: [{id: l, metric: http_request_total, stimulus: 'sum(increase(brrtload_hits_total{status="200"}[range()] anchored))', what: requests}]`,
			`does not fit: http_request_total is not exposed; did you mean "http_requests_total"?`},
		"a series that is not there, and should react": {
			`liveness: [{id: l, metric: 'http_requests_total{code="500"}', stimulus: 'sum(increase(brrtload_hits_total{status="200"}[range()] anchored))', what: requests}]`,
			`untruthful: no series matches http_requests_total{code="500"}: http_requests_total has no code="500"; did you mean "200"?`},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, served)
			e.Metadata = shown
			require.Equal(t, row.want, stage.Judge(t, e, row.text)[0])
		})
	}
}

// What does not fit is no lie, and nothing that rests on the same metric is doubted for it.
func TestWhatDoesNotFitTaintsNothing(t *testing.T) {
	e := stage.New(t, stage.Sound+served)
	e.Metadata = shown
	j, err := judge.Judge(t.Context(), e, stage.Load(t, `
identities: [{id: codes, `+answers+`'sum by (status) (increase(by_class_total[range()] anchored))'}]
budgets: [{id: rate, expr: 'sum(increase(by_class_total[range()] anchored))', must: "> 1"}]
`))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"delivery": "pass", "codes": "does not fit", "rate": "pass"}, stage.Verdicts(j))
	require.Equal(t, assertions.DoesNotFit, j.Verdict)
}

func TestMisreadClientSeries(t *testing.T) {
	client := promql.Client{Requests: []string{"page", "search"}, Credentials: []string{"key"}, Phases: []string{"steady"}, Stages: []string{"steady"}}
	for expr, want := range map[string]string{
		`sum(increase(brrtload_hits_total{outcome="answerd"}[range()] anchored))`:                 `brrtload_hits_total has no outcome="answerd"; did you mean "answered"?`,
		`sum(increase(brrtload_hits_total{outcome!="answerd"}[range()] anchored))`:                `brrtload_hits_total has no outcome="answerd"; did you mean "answered"?`,
		`sum(increase(brrtload_hits_total{request="pge"}[range()] anchored))`:                     `brrtload_hits_total has no request="pge"; did you mean "page"?`,
		`sum(increase(brrtload_hits_total{status=~"5xx"}[range()] anchored))`:                     `brrtload_hits_total has no status=~"5xx"; did you mean "500"?`,
		`sum(increase(brrtload_hits_total{method="GET"}[range()] anchored))`:                      `brrtload_hits_total has no label method; it has credential, kind, outcome, phase, request, stage, status, traced`,
		`sum by (code) (increase(brrtload_hits_total[range()] anchored))`:                         `brrtload_hits_total has no label code; it has credential, kind, outcome, phase, request, stage, status, traced`,
		`sum(increase(brrtload_hit_total[range()] anchored))`:                                     `brrtload has no series "brrtload_hit_total"; did you mean "brrtload_hits_total"?`,
		`histogram_quantile(0.9, sum by (le) (increase(brrtload_lag_seconds[range()] anchored)))`: `brrtload_lag_seconds is a native histogram`,
		`sum(increase(brrtload_latency_seconds_count[range()] anchored))`:                         `brrtload_latency_seconds is a native histogram`,
		`histogram_quantile(99, sum by (le) (rate(x_bucket[range()] anchored)))`:                  `a quantile lies between 0 and 1, got 99; write 0.99`,
		`max(quantile_over_time((99.9), x[range()]))`:                                             `a quantile lies between 0 and 1, got 99.9; write 0.999`,
		`quantile(-1, x)`: `a quantile lies between 0 and 1, got -1`,
		`histogram_quantile(0.99, sum by (job) (rate(x_bucket[range()] anchored)))`:                                                                       `the aggregation drops le`,
		`histogram_quantile(0.99, sum without (le) (rate(x_bucket[range()] anchored)))`:                                                                   `the aggregation drops le`,
		`histogram_quantile(0.99, sum without (pod) (rate(x_bucket[range()] anchored)))`:                                                                  ``,
		`histogram_quantile(0.99, sum(rate(x_seconds[range()] anchored)))`:                                                                                ``,
		`histogram_quantile(0.99, sum by (le) (rate(x_bucket[range()] anchored)) / on () group_left () sum(rate(x_bucket{le="+Inf"}[range()] anchored)))`: ``,
		`sum by (status) (label_replace(x, "status", "$$1", "code", "(.*)"))`:                                                                             `"$$" stands for a dollar sign; write ${1} for the first group`,
		`sum(brrtload_target_processes{pid="1"})`:                                                                                                         `brrtload_target_processes has no label pid; it has connected`,
		`sum(brrtload_target_processes{connected="true"})`:                                                                                                `brrtload_target_processes has no connected="true"; there are no, yes`,
		`max by (pid) (brrtload_target_peer_start_time_seconds)`:                                                                                          ``,
		`sum by (c) (label_replace(x, "c", "$1xx", "status", "(.).."))`:                                                                                   `the regular expression "(.).." has no group 1xx; write ${1}xx, in a scenario $${1}xx`,
		`sum by (c) (label_replace(x, "c", "${1}xx-$0", "status", "(.)..")) `:                                                                             ``,
		`sum(increase(brrtload_hits_total{request=~"p.*|other", status="", stage!="burst"}[range()] anchored))`:                                           `brrtload_hits_total has no stage="burst"; there are steady`,
		`sum(increase(brrtload_hits_total{request=~"p.*", kind!="", phase="steady"}[range()] anchored))`:                                                  ``,
	} {
		list := stage.Load(t, "budgets:\n  - id: b\n    must: \"< 1\"\n    expr: >-\n      "+expr+"\n")
		found := lint.Misread(list, client)
		if want == "" {
			require.Empty(t, found, expr)
			continue
		}
		require.NotEmpty(t, found, expr)
		require.Contains(t, found[0].Message, want, expr)
		require.Equal(t, 5, found[0].Line, expr)
	}
}

func TestIdentitiesThatCannotBeAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{id: i, client: 'sum(brrtload_hits_total)', server: 'sum(increase(x_total[range()] anchored))'}`:                     `increase(brrtload_hits_total[range()] anchored)`,
		`{id: i, client: 'sum(increase(brrtload_hits_total[range()] anchored))', server: 'sum(x_total{a="b"})'}`:              `increase(x_total{a="b"}[range()] anchored)`,
		`{id: i, client: 'sum(increase(brrtload_hits_total[range()] anchored))', server: 'sum(x_total - x_total @ start())'}`: ``,
		`{id: i, other: 'sum(x_total)', server: 'sum(y_total)'}`:                                                              ``,
	} {
		_, err := packs.Load(stage.Files{"a.yaml": "identities: [" + text + "]\n"}.FS(), "a.yaml")
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "the value of a counter counts from the start of the process; use "+want)
	}
	found := lint.Misread(stage.Load(t, `identities: [{id: i, `+answers+`'sum by (code) (increase(x_total[range()] anchored))'}]`), promql.Client{})
	require.Len(t, found, 1)
	require.Contains(t, found[0].Message, "the sides are aggregated by other labels, (status) and (code)")
}

// The packs read series of the client's that there are.
func TestShippedPacksFitTheClient(t *testing.T) {
	for _, name := range packs.Names() {
		list, err := packs.Read(name)
		require.NoError(t, err)
		require.Empty(t, lint.Misread(list, promql.Client{}), name)
	}
}

// A value in other letters than the service's is a slip of the assertion, whatever a missing value
// means.
func TestAValueInOtherLettersDoesNotFit(t *testing.T) {
	e := stage.New(t, stage.Sound+`requests_total{method="GET"} 0+8x25`+"\n")
	e.Metadata = []facts.Family{{Endpoint: "target", Name: "requests_total", Type: "counter", Series: 1, Labels: map[string][]string{"method": {"GET"}}}}
	for method, want := range map[string]string{
		"get":  `does not fit: requests_total has no method="get"; did you mean "GET"?`,
		"POST": `fail: no series matches requests_total{method="POST"}: requests_total has no method="POST"; seen: GET`,
		"GET":  "pass: 80, must be > 10",
	} {
		require.Equal(t, []string{want}, stage.Judge(t, e, `budgets: [{id: b, why: w, expr: 'sum(increase(requests_total{method="`+method+`"}[range()] anchored))', must: "> 10"}]`), method)
	}
}
