package reports

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page shows a real run, kept beside the picture of it, as its reports are made today.
func TestDocumentationShowsTheRealReport(t *testing.T) {
	const path, begin, end = "../docs/reports.md", "<!-- report.txt -->\n", "<!-- end -->\n"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), begin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)

	run, err := Read("../docs/picture/run")
	require.NoError(t, err)
	run.Directory = "runs/pets"
	var report bytes.Buffer
	require.NoError(t, Terminal(&report, run, TerminalOptions{}))
	want := before + begin + "```\n" + report.String() + "```\n" + end + after
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(text), "run `go test ./reports -update`")
}
