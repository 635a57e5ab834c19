package promql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/promql"
)

// What is taken off a time is in the unit of that time.
func TestShortenedInTheUnitOfTheMetric(t *testing.T) {
	for metric, want := range map[string]string{
		"d_seconds": "0.002", "d_duration": "0.002", "http_msgs_duration": "0.002", "d_ms": "2", "d_milliseconds": "2",
		"d_millis": "2", "d_microseconds": "2000", "d_nanoseconds": "2e+06",
		"microservice_duration_seconds": "0.002", "d_micros": "2000",
	} {
		quantile := "histogram_quantile(0.99, sum by (le) (rate(" + metric + "_bucket[1m])))"
		require.Equal(t, "("+quantile+" - "+want+")", promql.Must(quantile).Shortened(0.002), metric)
	}
}
