package terminal

import (
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/stretchr/testify/require"
)

var learned = [][]string{
	{"metrics endpoint", "/metrics", "4 families"},
	{"process", "metrics are of the process that serves: a-service-with-a-long-name 4711, of 2 processes", "ports"},
	{"label of the route", "path_template, with an entry for each of /api/v1/items/{id} and /api/v1/users/{id}/items", "increased by 3, 4 and 6, and by nothing else in between"},
	{"名前", "幅の広い文字", "names"},
}

func TestFittedKeepsToTheWidth(t *testing.T) {
	for _, width := range []int{100, 80, 60, 40} {
		var out strings.Builder
		require.NoError(t, Fitted(&out, width, learned))
		for line := range strings.Lines(out.String()) {
			require.LessOrEqual(t, twwidth.Width(strings.TrimSuffix(line, "\n")), width, line)
		}
		words := func(text string) string { return strings.Join(strings.Fields(text), "") }
		for _, row := range learned { // nothing is lost: all letters are there as often
			for _, cell := range row {
				require.GreaterOrEqual(t, strings.Count(words(out.String()), "e"), strings.Count(words(cell), "e"))
			}
		}
	}
}

func TestFittedLeavesAloneWhatFits(t *testing.T) {
	var out strings.Builder
	require.NoError(t, Fitted(&out, 100, [][]string{{"a", "bcd", "e"}, {"fgh", "i", ""}}))
	require.Equal(t, "a    bcd  e\nfgh  i\n", out.String())
	out.Reset()
	require.NoError(t, Fitted(&out, 30, [][]string{{"process", "metrics are of the process that serves", "ports"}}))
	require.Equal(t, "process  metrics are of  ports\n         the process\n         that serves\n", out.String())
}
