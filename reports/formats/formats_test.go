package formats

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseOutput(t *testing.T) {
	for _, row := range []struct{ text, format, file, err string }{
		{text: "json=out.json", format: "json", file: "out.json"},
		{text: "junit=a=b.xml", format: "junit", file: "a=b.xml"},
		{text: "markdown", format: "markdown"},
		{text: "markdown=-", format: "markdown"},
		{text: "json=", err: `output "json=" names no file; write json=FILE, or json for standard output`},
		{text: "jnuit=x", err: `unknown format "jnuit"; did you mean "junit"? (there are `},
		{text: "", err: `unknown format ""`},
	} {
		format, file, err := ParseOutput(row.text)
		if row.err != "" {
			require.ErrorContains(t, err, row.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, []string{row.format, row.file}, []string{format.Name, file})
	}
}

// The page of reports has a row for each format.
func TestEveryFormatIsOnThePage(t *testing.T) {
	text, err := os.ReadFile("../../docs/reports.md")
	require.NoError(t, err)
	for _, f := range All() {
		row := "\n| `" + f.Name + "` | `" + f.File + "` | "
		if !strings.Contains(string(text), row) {
			t.Errorf("the table of docs/reports.md has no row for the format %s: add one that begins with%s", f.Name, row)
		}
	}
}
