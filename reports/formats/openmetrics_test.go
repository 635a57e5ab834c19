package formats

import (
	"bytes"
	"io"
	"testing"

	promlabels "github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

func TestOpenMetrics(t *testing.T) {
	r := reports.Report{Checks: []assertions.Check{
		sample.Check("depth\"\n\x1b", "budget", assertions.Fail, "41.2, must be < 32", assertions.Finding{
			Verdict: assertions.Fail, Measured: sample.Figure(41.23456), Operator: "<", Limit: sample.Figure(32)}),
		sample.Check("by-status", "identity", assertions.Untruthful, "they differ", assertions.Finding{
			Verdict: assertions.Untruthful, Count: &assertions.Count{Client: 10, Server: 7, Difference: -3}}),
	}}
	var out bytes.Buffer
	require.NoError(t, OpenMetrics(&out, r))
	require.Equal(t, `# HELP brrtload_checks Checks by verdict.
# TYPE brrtload_checks gauge
brrtload_checks{verdict="not applicable"} 0.0
brrtload_checks{verdict="pass"} 0.0
brrtload_checks{verdict="inconclusive"} 0.0
brrtload_checks{verdict="does not fit"} 0.0
brrtload_checks{verdict="fail"} 1.0
brrtload_checks{verdict="untruthful"} 1.0
brrtload_checks{verdict="error"} 0.0
# HELP brrtload_measured What a budget measured, in base units, rounded to a thousandth of its limit's magnitude.
# TYPE brrtload_measured gauge
brrtload_measured{id="depth\" `+"\uFFFD"+`",unit=""} 41.2
# HELP brrtload_identity_difference Server count minus client count of the worst series of an identity.
# TYPE brrtload_identity_difference gauge
brrtload_identity_difference{id="by-status"} -3.0
# EOF
`, out.String())

	requireOpenMetrics(t, out.Bytes())
}

// requireOpenMetrics wants text that Prometheus' own parser reads to its end.
func requireOpenMetrics(t *testing.T, text []byte) {
	t.Helper()
	parser := textparse.NewOpenMetricsParser(text, promlabels.NewSymbolTable())
	for {
		if _, err := parser.Next(); err != nil {
			require.ErrorIs(t, err, io.EOF)
			return
		}
	}
}

func TestRoundedKeepsThePrecisionOfTheLimit(t *testing.T) {
	for _, row := range []struct{ value, limit, want float64 }{
		{0.0123456, 0.25, 0.012},
		{0.0004999, 0.01, 0.0005},
		{41.23456, 32, 41.2},
		{1234.5, 16384, 1235},
		{7.77, 0, 7.77},
	} {
		require.Equal(t, row.want, rounded(row.value, row.limit))
	}
}
