package instrumented_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/identities"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
)

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
	}, stage.Loaded(t, "metrics_of: fastapi\n"))
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
	all := stage.Loaded(t, text)
	require.Equal(t, [2]string{`sum by (code) (increase(requests_total[range()] anchored))`, ""},
		all["requests-counted"])
	require.Equal(t, "< 100 ms", all["service-p99"][1])
	require.Len(t, all, 4)
	list, err := packs.Load(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml")
	require.NoError(t, err)
	require.Equal(t, `sum by (code) (label_replace(increase(brrtload_hits_total{outcome="answered", `+
		`request!~"head|no such path"}[range()] anchored), "code", "$1", "status", "(.*)"))`,
		list[0].(*identities.Identity).Client.String())
}

// Whatever a profile has, it becomes PromQL that parses, with what differs from seconds, codes and
// histograms in it.
func TestMetricsOfEveryShape(t *testing.T) {
	require.Contains(t, stage.Loaded(t, "metrics_of: envoy\n")["service-p99"][0], " / 1000")
	require.Contains(t, stage.Loaded(t, "metrics_of: micrometer\n")["service-mean"][0], "http_server_requests_seconds_sum")
	require.Equal(t, map[string][2]string{"requests-counted": {
		`sum(increase(nginx_http_requests_total[range()] anchored)) - sum(increase(brrtload_scrapes_total{endpoint="target"}[range()] anchored))`, ""}},
		stage.Loaded(t, "metrics_of: nginx\n"))
}
