package checks_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/checks"
	"brrtload/assertions/packs"
)

// loaded reads an assertions file, and returns for each assertion its id, query and, of budgets,
// limit.
func loaded(t *testing.T, text string) map[string][2]string {
	t.Helper()
	list, err := packs.Load(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml")
	require.NoError(t, err)
	all := map[string][2]string{}
	for _, a := range list {
		about := a.About()
		limit := ""
		if b, ok := a.(*checks.Budget); ok {
			limit = b.Must[0].String()
		}
		require.Equal(t, "a.yaml", about.Position.File)
		require.NotEmpty(t, about.Why)
		all[about.ID] = [2]string{about.Query, limit}
	}
	return all
}

func TestLimitsInWords(t *testing.T) {
	require.Equal(t, map[string][2]string{
		"limit-p99": {
			`histogram_quantile(0.99, sum(increase(brrtload_latency_seconds{phase="steady"}[range()] anchored)))`,
			"< 200 ms",
		},
		"limit-p99.9-get-search": {
			`histogram_quantile(0.999, sum(increase(brrtload_latency_seconds{phase="steady",request="GET /search"}[range()] anchored)))`,
			"<= 1 s",
		},
		"limit-p5": {
			`histogram_quantile(0.05, sum(increase(brrtload_latency_seconds{phase="steady"}[range()] anchored)))`,
			"> 1 ms",
		},
		"limit-mean": {
			`histogram_avg(sum(increase(brrtload_latency_seconds{phase="steady"}[range()] anchored)))`,
			"< 50 ms",
		},
		"limit-errors": {
			`sum(increase(brrtload_unexpected_total{phase="steady"}[range()] anchored)) / sum(increase(brrtload_hits_total{phase="steady"}[range()] anchored))`,
			"< 1 %",
		},
		"limit-errors-of-the-front": {
			`sum(increase(brrtload_unexpected_total{phase="steady",request="of the front"}[range()] anchored))`,
			"== 0",
		},
	}, loaded(t, `
limits:
  - p99 < 200ms
  - p99.9 of GET /search <= 1s
  - p5>1ms
  - mean < 50ms
  - errors < 1%
  - errors of of the front == 0
`))
}

func TestMetricsOfAProfile(t *testing.T) {
	require.Equal(t, map[string][2]string{
		"requests-counted": {
			`sum by (status) (increase(http_requests_total{handler!="/metrics"}[range()] anchored))`,
			"",
		},
		"server-errors": {`sum(increase(http_requests_total{status="5xx", handler!="/metrics"}[range()] anchored)) / ` +
			`sum(increase(http_requests_total{handler!="/metrics"}[range()] anchored))`, "< 1 %"},
		"service-p99": {
			`histogram_quantile(0.99, sum by (le) (increase(http_request_duration_seconds_bucket{handler!="/metrics"}[range()] anchored)))`,
			"< 500 ms",
		},
		"service-within": {
			`sum by (le) (increase(http_request_duration_seconds_bucket{handler!="/metrics"}[range()] anchored))`,
			"",
		},
	}, loaded(t, "metrics_of: fastapi\n"))
}

// Three names are enough; what the service does not count is left out of the client's side.
func TestMetricsOfThreeNames(t *testing.T) {
	text := `
metrics_of:
  counter: requests_total
  status: code
  histogram: request_duration_seconds
  not_counted: [head, no such path]
  p99: "< 100ms"
`
	all := loaded(t, text)
	require.Equal(
		t,
		[2]string{`sum by (code) (increase(requests_total[range()] anchored))`, ""},
		all["requests-counted"],
	)
	require.Equal(t, "< 100 ms", all["service-p99"][1])
	require.Len(t, all, 4)
	list, err := packs.Load(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml")
	require.NoError(t, err)
	require.Equal(
		t,
		`sum by (code) (label_replace(increase(brrtload_hits_total{outcome="answered", request!~"head|no such path"}[range()] anchored), "code", "$1", "status", "(.*)"))`,
		list[0].(*checks.Identity).Client.String(),
	)
}

// Whatever a profile has, it becomes PromQL that parses, with what differs from seconds, codes and
// histograms in it.
func TestMetricsOfEveryShape(t *testing.T) {
	require.Contains(t, loaded(t, "metrics_of: envoy\n")["service-p99"][0], " / 1000")
	require.Contains(t, loaded(t, "metrics_of: micrometer\n")["service-mean"][0], "http_server_requests_seconds_sum")
	require.Equal(t, map[string][2]string{"requests-counted": {
		`sum(increase(nginx_http_requests_total[range()] anchored)) - sum(increase(brrtload_scrapes_total{endpoint="target"}[range()] anchored))`, ""}},
		loaded(t, "metrics_of: nginx\n"))
}
