package formats

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/page"
	"brrtload/reports/terminal"
)

// A reason that several checks have stands once in each report; the other checks name the one that
// gives it.
func TestAReasonStandsOnceInEachReport(t *testing.T) {
	const why = "several processes answer here in turn"
	check := func(id string) assertions.Check {
		return assertions.Check{Heading: assertions.Heading{ID: id, Kind: "liveness", Severity: assertions.Failing}, Verdict: assertions.Inconclusive, Reason: why,
			Findings: []assertions.Finding{{Verdict: assertions.Inconclusive, Text: id + " by itself"}}}
	}
	third := check("third")
	third.Reason, third.Overruled = "it moved", &assertions.Overruled{Cause: assertions.Undelivered, Text: why, Reason: "it moved", Own: assertions.Pass}
	r := reports.Report{Scenario: "s", Verdict: assertions.Inconclusive, Reason: "a: another reason", DecidedBy: "a", Checks: []assertions.Check{check("first"), check("second"), third}}
	for name, row := range map[string]struct {
		write func(io.Writer, reports.Report) error
		says  []string
	}{
		"markdown": {Markdown, []string{"** second: as first\n", "** third: as first; by itself: pass, it moved"}},
		"junit":    {JUnit, []string{`message="as first"`, `message="as first; by itself: pass, it moved"`}},
		"html":     {page.HTML, []string{"as first<", "as first; by itself: pass, it moved"}},
		"terminal": {func(w io.Writer, r reports.Report) error {
			return terminal.Write(w, r, terminal.Options{Full: true})
		}, nil},
	} {
		var out bytes.Buffer
		require.NoError(t, row.write(&out, r), name)
		require.Equal(t, 1, strings.Count(out.String(), why), "%s: %s", name, out.String())
		for _, said := range row.says {
			require.Contains(t, out.String(), said, name)
		}
	}
}
