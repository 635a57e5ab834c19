package terminal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/stretchr/testify/require"

	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

func TestAnExperimentFitsATerminal(t *testing.T) {
	r := sample.Charted()
	o := r.Overhead
	wide := reports.Effect{Metric: "cpu_marginal", Unit: "s", Base: 98.4e-6, Difference: reports.Between{Value: -5.99e-6, Low: -1.46e-6, High: 9.31e-6}, Share: reports.Between{Value: -0.0599, Low: -0.0253, High: 0.0954}}
	cores := reports.Effect{Metric: "cores", Unit: "cores", Base: 0.0912, Difference: reports.Between{Value: -0.00555, Low: 0.001, High: 0.01}, Share: wide.Share}
	twin := wide
	twin.Share = reports.Between{Value: -0.000759, Low: -0.01, High: 0.01}
	o.Effects, o.Twin = []reports.Effect{wide, cores}, []reports.Effect{twin}
	o.Others = []reports.Other{{Name: "metrics only", Effect: wide}}
	for _, columns := range []int{80, 64} {
		var b bytes.Buffer
		require.NoError(t, Write(&b, r, Options{Width: columns}))
		_, table, _ := strings.Cut(b.String(), "\nOverhead (")
		table, _, _ = strings.Cut(table, "\n\n")
		for line := range strings.Lines(table) {
			require.LessOrEqual(t, twwidth.Width(strings.TrimSpace(line)), columns, "%s", table)
		}
		require.Contains(t, table, "-2.53 … 9.54 %")
		require.Equal(t, columns == 80, strings.Contains(table, "control"), "what a narrow terminal does without")
		require.Contains(t, table, "cpu, metrics only")
	}
}
