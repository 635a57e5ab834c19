package formats

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports/internal/sample"
)

func TestMarkdownStaysWithinItsLimit(t *testing.T) {
	for _, limit := range []int{1000, 4000, 20_000, MarkdownLimit, 1 << 20} {
		for _, n := range []int{1, 60, 2000} {
			var out bytes.Buffer
			require.NoError(t, MarkdownWithin(&out, sample.Crowded(n), limit))
			require.LessOrEqual(t, out.Len(), limit)
			requireInertMarkdown(t, out.Bytes())
		}
	}
}

func TestMarkdownNamesWhatItLeavesOut(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, MarkdownWithin(&out, sample.Crowded(60), 4900))
	require.Contains(t, out.String(), "_Left out for size, and in full in `result.json`: Budgets, ")
	require.Contains(t, out.String(), "**error** budget-0004")
	require.Contains(t, out.String(), "- and 45 more in `result.json`")
	require.Contains(t, out.String(), "### How it was measured", "a small section is kept though a large one before it was not")
}

func TestMarkdownFirstLineStandsAlone(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Markdown(&out, sample.Run()))
	first, rest, _ := strings.Cut(out.String(), "\n")
	require.Equal(t, "**UNTRUTHFUL** smoke: requests-by-status: the client counted 1,600 answers with 200, the server 1,440; 1 other check", first)
	require.True(t, strings.HasPrefix(rest, "\n"), "a paragraph of its own")
}
