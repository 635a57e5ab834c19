package reports

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

// golden compares text with a file under testdata, or writes it there with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestEveryFormatOfTheSample(t *testing.T) {
	for _, f := range Formats() {
		var out bytes.Buffer
		require.NoError(t, f.Write(&out, sample()))
		golden(t, f.File, out.Bytes())
	}
}

func TestTerminalInColour(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Terminal(&out, sample(), TerminalOptions{Color: true, Width: 120}))
	golden(t, "report-colour.txt", out.Bytes())
}

func TestTheShortReport(t *testing.T) {
	for name, row := range map[string]struct {
		report Report
		width  int
	}{
		"short.txt":        {sample(), DefaultWidth},
		"short-pass.txt":   {passing(22, 100), DefaultWidth},
		"short-narrow.txt": {passing(3, 20), 40},
	} {
		var out bytes.Buffer
		require.NoError(t, Terminal(&out, row.report, TerminalOptions{Width: row.width}))
		golden(t, name, out.Bytes())
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	for _, full := range []bool{false, true} {
		var plain, coloured bytes.Buffer
		require.NoError(t, Terminal(&plain, sample(), TerminalOptions{Full: full}))
		require.NoError(t, Terminal(&coloured, sample(), TerminalOptions{Color: true, Full: full}))
		require.Equal(t, plain.String(), paintwork.ReplaceAllString(coloured.String(), ""))
	}
}
