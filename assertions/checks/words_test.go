package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
)

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
	}, stage.Loaded(t, `
limits:
  - p99 < 200ms
  - p99.9 of GET /search <= 1s
  - p5>1ms
  - mean < 50ms
  - errors < 1%
  - errors of of the front == 0
`))
}
