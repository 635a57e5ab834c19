package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
	"brrtload/internal/facts"
)

const grafana = `{
  "title": "the service",
  "templating": {"list": [
    {"name": "handler", "type": "query", "query": {"query": "label_values(http_requests_total{job=\"$job\"}, handler)"}},
    {"name": "job", "type": "datasource", "query": "prometheus"}]},
  "panels": [
    {"title": "Rate", "targets": [
      {"expr": "sum by (handler) (rate(http_requests_total{handler=~\"$handler\"}[$__rate_interval]))"},
      {"expr": "sum(rate(http_request_total[5m] offset $shift))"}]},
    {"type": "row", "title": "Times", "panels": [
      {"title": "p99", "targets": [{"expr": "histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[${window}]))"}]},
      {"title": "CPU", "targets": [{"expr": "node_cpu_seconds_total"}, {"expr": "up"}, {"expr": "job:errors:rate5m"}]}]},
    {"title": "Any", "targets": [{"expr": "${prefix}_total"}, {"expr": "no PromQL at all"}]}
  ]
}`

const readingRules = `
groups:
  - name: a
    rules:
      - {record: errors_by_code, expr: sum by (code) (http_requests_total)}
      - {alert: Errors, expr: errors_by_code > 1}
      - {alert: Queue, expr: queue_depth > 64}
`

// What panels, variables and alerts read and the service does not expose is found, by who reads it.
func TestDashboards(t *testing.T) {
	texts := func(file string) []string {
		list, err := packs.Load(stage.Files{
			"a.yaml":       "dashboards: [{file: " + file + ", except: [node_.*]}]\n",
			"grafana.json": grafana, "rules.yml": readingRules,
		}.FS(), "a.yaml")
		require.NoError(t, err)
		findings, err := list[0].Judge(t.Context(), exposing(t, "",
			facts.Family{Name: "http_requests_total", Type: "counter"},
			facts.Family{Name: "http_request_duration_seconds", Type: "histogram"}))
		require.NoError(t, err)
		return stage.Said(findings)
	}
	require.Equal(t, []string{
		`fail: panel Rate reads http_request_total, which is not exposed; did you mean "http_requests_total"?`,
		"pass: 1 expression was not read: it is not PromQL (panel Any)",
	}, texts("grafana.json"))
	require.Equal(t, []string{"fail: alert Queue reads queue_depth, which is not exposed"}, texts("rules.yml"))
}
