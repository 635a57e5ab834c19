package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/stretchr/testify/require"
)

func TestAnExperimentFitsATerminal(t *testing.T) {
	r := charted()
	o := r.Overhead
	wide := Effect{Metric: "cpu_marginal", Unit: "s", Base: 98.4e-6, Difference: Between{-5.99e-6, -1.46e-6, 9.31e-6}, Share: Between{-0.0599, -0.0253, 0.0954}}
	cores := Effect{Metric: "cores", Unit: "cores", Base: 0.0912, Difference: Between{-0.00555, 0.001, 0.01}, Share: wide.Share}
	twin := wide
	twin.Share = Between{-0.000759, -0.01, 0.01}
	o.Effects, o.Twin = []Effect{wide, cores}, []Effect{twin}
	o.Others = []Other{{Name: "metrics only", Effect: wide}}
	for _, columns := range []int{80, 64} {
		var b bytes.Buffer
		require.NoError(t, Terminal(&b, r, TerminalOptions{Width: columns}))
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

func TestStartsThatResembleEachOtherCountForLess(t *testing.T) {
	said := func(factor int) string {
		var table table
		experiment(&table, &Overhead{Blocks: 26, Sessions: 26, Factor: factor})
		return table.rows[0].cells[1]
	}
	require.Contains(t, said(1), "26 blocks used, 0 left out, in 26 starts of the arms; ")
	require.Contains(t, said(2), "26 starts of the arms, which resemble their neighbours and count as 13; ")
}
