package formats

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
	"brrtload/reports/internal/sample"
	"brrtload/reports/terminal"
)

func TestEveryFormatOfTheSample(t *testing.T) {
	for _, f := range All() {
		var out bytes.Buffer
		require.NoError(t, f.Write(&out, sample.Run()))
		sample.Golden(t, f.File, out.Bytes())
	}
}

func TestTerminalInColour(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, terminal.Write(&out, sample.Run(), terminal.Options{Color: true, Width: 120}))
	sample.Golden(t, "report-colour.txt", out.Bytes())
}

func TestTheShortReport(t *testing.T) {
	for name, row := range map[string]struct {
		report reports.Report
		width  int
	}{
		"short.txt":        {sample.Run(), terminal.DefaultWidth},
		"short-pass.txt":   {sample.Passing(22, 100), terminal.DefaultWidth},
		"short-narrow.txt": {sample.Passing(3, 20), 40},
	} {
		var out bytes.Buffer
		require.NoError(t, terminal.Write(&out, row.report, terminal.Options{Width: row.width}))
		sample.Golden(t, name, out.Bytes())
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	for _, full := range []bool{false, true} {
		var plain, coloured bytes.Buffer
		require.NoError(t, terminal.Write(&plain, sample.Run(), terminal.Options{Full: full}))
		require.NoError(t, terminal.Write(&coloured, sample.Run(), terminal.Options{Color: true, Full: full}))
		require.Equal(t, plain.String(), paintwork.ReplaceAllString(coloured.String(), ""))
	}
}
