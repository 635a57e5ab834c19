package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/internal/facts"
)

// Names with dots, and in any language, are found by every kind of check.
func TestNamesOfAnyCharacters(t *testing.T) {
	const series = stage.Sound + `
brrtload_hits_total{outcome="answered",request="/a"} 0+8x25
{"http.server.requests","http.route"="/a"} 7+8x25
{"größe.der.schlange","http.route"="/a"} 1x9 2x16
{"http.server.duration_bucket",le="0.1"} 0+8x25
{"http.server.duration_bucket",le="+Inf"} 0+8x25
{"http.server.duration_sum"} 0+0.4x25
{"http.server.duration_count"} 0+8x25
process_start_time_seconds 7x25
`
	families := []facts.Family{
		{Endpoint: "target", Name: "http.server.requests", Type: "counter", Labels: map[string][]string{"http.route": {"/a"}}},
		{Endpoint: "target", Name: "größe.der.schlange", Type: "gauge", Labels: map[string][]string{"http.route": {"/a"}}},
		{Endpoint: "target", Name: "http.server.duration", Type: "histogram"},
	}
	for name, row := range map[string]struct{ assertion, want string }{
		"identity": {`identities: [{id: a, what: 'answers of {http.route}', client: 'sum by ("http.route") (label_replace(increase(brrtload_hits_total[range()] anchored), "http.route", "$1", "request", "(.*)"))', server: 'sum by ("http.route") (increase({"http.server.requests"}[range()] anchored))'}]`,
			"pass: the client counted 160 answers of /a, the server 160"},
		"identity with a metric that is not there": {`identities: [{id: a, what: answers, client: 'sum(increase(brrtload_hits_total[range()] anchored))', server: 'sum(increase({"http.server.reqests"}[range()] anchored))'}]`,
			`did you mean "http.server.requests"?`},
		"liveness":         {`liveness: [{id: a, metric: '{"größe.der.schlange"}', what: answers, stimulus: 'sum by ("http.route") (label_replace(increase(brrtload_hits_total[range()] anchored), "http.route", "$1", "request", "(.*)"))'}]`, "reacted to 160 answers"},
		"for each":         {`budgets: [{id: a, expr: 'max by ("http.route") ({"größe.der.schlange"})', must: "< 5", for_each: [http.route]}]`, "pass: "},
		"return":           {`returns: [{id: a, gauge: '{"größe.der.schlange"}'}]`, "2 after the load, 1 at its baseline"},
		"monotonic":        {`expositions: [{id: a, check: monotonic}]`, "pass: none of 2 counters went down"},
		"quiescent":        {`expositions: [{id: a, check: quiescent}]`, "http.server.duration_count increased by 40 after the load ended"},
		"histogram shapes": {`agreements: [{id: a, histograms: all}]`, "pass: http.server.duration: 1 histogram consistent"},
		"within":           {`agreements: [{id: a, within: {inner: http.server.duration, outer: http.client.duration}}]`, "has no times to compare"},
		"Little's law":     {`agreements: [{id: a, little: {depth: '{"größe.der.schlange"}', wait: http.server.duration, by: http.route}}]`, "too little waiting to compare"},
		"a named shape":    {`agreements: [{id: a, histograms: [http.server.duration]}]`, "pass: http.server.duration: 1 histogram consistent"},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, series)
			e.Metadata = families
			if name == "quiescent" {
				e.Rest = 3
			}
			found := stage.Judge(t, e, row.assertion)
			require.NotEmpty(t, found)
			require.Contains(t, found[0], row.want)
		})
	}
}
