package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
	"brrtload/assertions/rules"
)

func TestAlerts(t *testing.T) {
	const series = `
depth 1x6 100x2 1x1 100x3 1x20
steady 1x25
slow_seconds_bucket{le="0.1"} 0x25
slow_seconds_bucket{le="+Inf"} 0+10x25
up{job="target",instance="127.0.0.1:80"} 1x25
up{job="other",instance="127.0.0.1:81"} 1x8 0x17
`
	for name, row := range map[string]struct {
		rule, rules string
		want        []string
	}{
		"quiet":                             {"{alert: A, expr: depth > 1000}", "alerts.yml", []string{"pass: the alert does not fire"}},
		"fires":                             {"{alert: A, expr: depth > 64}", "alerts.yml", []string{"fail: the alert fires for 7 s"}},
		"pending long enough":               {"{alert: A, expr: depth > 64, for: 3s}", "alerts.yml", []string{"fail: the alert fires for 1 s"}},
		"never pending long enough":         {"{alert: A, expr: depth > 64, for: 4s}", "alerts.yml", []string{"pass: the alert does not fire"}},
		"must fire and does":                {"{alert: A, expr: depth > 64}", "{file: alerts.yml, must: fire}", []string{"pass: the alert fires for 7 s"}},
		"must fire and does not":            {"{alert: A, expr: depth > 1000}", "{file: alerts.yml, must: fire}", []string{"fail: the alert does not fire, and it must"}},
		"no such metric":                    {"{alert: A, expr: detph > 64}", "alerts.yml", []string{"inconclusive: no series matches detph in steady: the alert could not fire"}},
		"a range beyond the window":         {"{alert: A, expr: 'rate(depth[5m]) > 1'}", "alerts.yml", []string{"inconclusive: the rule has the range 5m, and steady lasts 10 s only: lengthen the window, or give the run a rule of its own"}},
		"a for beyond the window":           {"{alert: A, expr: depth > 64, for: 1m}", "alerts.yml", []string{"inconclusive: the rule has for: 1m, and steady lasts 10 s only: lengthen the window, or give the run a rule of its own"}},
		"a quantile beyond the last bucket": {"{alert: A, expr: 'histogram_quantile(0.9, rate(slow_seconds_bucket[2s])) > 0.5'}", "alerts.yml", []string{"inconclusive: 100 % of observations lie above the last bucket, which ends at 100 ms, and how far above is not known: whether the alert fires is not known"}},
		"a target that is down":             {`{alert: A, expr: 'up{job="shop", cluster="c"} == 0'}`, "alerts.yml", []string{`fail: instance="127.0.0.1:81", job="other": the alert fires for 7 s`}},
		"no target at all":                  {`{alert: A, expr: 'absent(up{job="shop"} == 1)'}`, "alerts.yml", []string{"pass: the alert does not fire"}},
		"no target for a while":             {`{alert: A, expr: 'absent_over_time(up{job="shop"}[1s])', for: 1s}`, "alerts.yml", []string{"pass: the alert does not fire"}},
		"a watchdog":                        {"{alert: A, expr: vector(1)}", "alerts.yml", []string{"not applicable: the expression reads no metric: it always gives the same, whatever the service does"}},
		"a template":                        {`{alert: A, expr: 'up == 0', annotations: {summary: '{{ $labels.instance | toUpper }} down ({{ $value | humanize }}), {{ with query "steady" }}{{ . | first | value }}{{ end }} steady'}}`, "alerts.yml", []string{`fail: instance="127.0.0.1:81", job="other": the alert fires for 7 s: 127.0.0.1:81 down (0), 1 steady`}},
		"a template that fails":             {`{alert: A, expr: 'depth > 64', annotations: {summary: '{{ query "(" }}'}}`, "alerts.yml", nil},
		"a comparison with its own or":      {"{alert: A, expr: depth > 1000 or steady > 5}", "alerts.yml", []string{"pass: the alert does not fire"}},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := packs.Load(stage.Files{
				"dir/a.yaml":     "rules: [" + row.rules + "]",
				"dir/alerts.yml": "groups: [{name: g, rules: [{record: r, expr: sum(depth)}, " + row.rule + "]}]",
			}.FS(), "dir/a.yaml")
			require.NoError(t, err)
			require.Len(t, list, 1)
			findings, err := list[0].Judge(t.Context(), stage.New(t, series))
			require.NoError(t, err)
			if row.want == nil {
				require.Contains(t, stage.Said(findings)[0], "its template fails")
				return
			}
			require.Equal(t, row.want, stage.Said(findings))
		})
	}
}

// The operator for Kubernetes wraps a rule file into an object of its own.
func TestAPrometheusRuleIsRead(t *testing.T) {
	const head = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: shop\n  labels: {role: alerts}\n"
	for name, row := range map[string]struct{ file, want string }{
		"spec last": {head + "spec:\n  groups:\n    - name: g\n      rules:\n        - {alert: Deep, expr: depth > 64}\n", ""},
		"for other rulers": {head + "spec:\n  groups:\n    - name: g\n      partial_response_strategy: warn\n      source_tenants: [a]\n      evaluation_delay: 1m\n      align_evaluation_time_on_interval: true\n" +
			"      rules:\n        - {alert: Deep, expr: depth > 64}\n", ""},
		"spec first":       {"spec:\n  groups:\n  - name: g\n    rules:\n    - {alert: Deep, expr: depth > 64}\n" + head, ""},
		"in braces":        {`{"kind": "PrometheusRule", "spec": {"groups": [{"name": "g", "rules": [{"alert": "Deep", "expr": "depth > 64"}]}]}}`, ""},
		"another kind":     {"kind: ConfigMap\nspec: {}\n", "r.yml:1:7: want the kind PrometheusRule, got \"ConfigMap\""},
		"a bad expression": {head + "spec:\n  groups:\n    - name: g\n      rules:\n        - {alert: Deep, expr: depth >}\n", "r.yml:10:38: PromQL: unexpected end of input"},
		"a bad label":      {head + "spec:\n  groups:\n    - name: g\n      rules:\n        - {alert: Deep, expr: depth > 1, labels: {__name__: x}}\n", `group "g", rule 1, "Deep": invalid label name: __name__`},
		"no rules":         {head + "spec: {}\n", "r.yml has no alerting rule"},
		"cut short":        {head + "spec:", "r.yml:6:6: want a mapping, got an empty value"},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := rules.Load(stage.Files{"r.yml": row.file}.FS(), "r.yml")
			if row.want != "" {
				require.ErrorContains(t, err, row.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "Deep", list[0].About().ID)
		})
	}
}
