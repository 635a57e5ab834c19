package assertions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestAlerts(t *testing.T) {
	const series = `
depth 1x6 100x2 1x1 100x3 1x20
steady 1x25
slow_seconds_bucket{le="0.1"} 0x25
slow_seconds_bucket{le="+Inf"} 0+10x25
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
		"a comparison with its own or":      {"{alert: A, expr: depth > 1000 or steady > 5}", "alerts.yml", []string{"pass: the alert does not fire"}},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := assertions.Load(files{
				"dir/a.yaml":     "rules: [" + row.rules + "]",
				"dir/alerts.yml": "groups: [{name: g, rules: [{record: r, expr: sum(depth)}, " + row.rule + "]}]",
			}.fs(), "dir/a.yaml")
			require.NoError(t, err)
			require.Len(t, list, 1)
			findings, err := list[0].Judge(t.Context(), newStage(t, series))
			require.NoError(t, err)
			require.Equal(t, row.want, said(findings))
		})
	}
}
