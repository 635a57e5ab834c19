package terminal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

// brokenRun is a run with a verdict in which as much went wrong as there may be: n checks with that
// verdict, n lies, as many of each that warn, error kinds in each of the requests, notes that go
// on.
func brokenRun(verdict assertions.Verdict, n, requests int) reports.Report {
	r := sample.Passing(requests, 100)
	long := strings.Repeat(" and why that is, in many words", 8)
	for i := range n {
		failed := sample.Run().Checks[1]
		failed.ID, failed.Verdict = fmt.Sprintf("broken-%d", i), verdict
		failed.Reason = fmt.Sprintf("%d, must be < 32%s", 41+i, long)
		for range 4 {
			failed.Findings = append(failed.Findings, assertions.Finding{Verdict: verdict, Text: "another finding" + long})
		}
		lie := sample.Run().Checks[5]
		lie.ID = fmt.Sprintf("lie-%d", i)
		for range 9 {
			lie.Findings = append(lie.Findings, lie.Findings[0])
		}
		r.Checks = append(r.Checks, failed, lie, sample.Warning(failed))
	}
	for i := range r.Requests {
		r.Requests[i].Errors, r.Requests[i].Kinds = 7, map[string]int64{"connection reset by peer": 3, "deadline exceeded" + long: 4}
	}
	for range 30 {
		r.Notes = append(r.Notes, "a note"+long)
	}
	r.Scrapes[0].Failed, r.Generator.Dropped = 3, 9
	r.Verdict, r.Reason = verdict, verdict.String()+": broken-0: 41, must be < 32"+long
	return r
}

func TestEveryShortReportHasAtMostFortyLinesOf80Columns(t *testing.T) {
	runs := map[string]reports.Report{
		"nothing": {}, "pass": sample.Passing(22, 100), "40 requests": sample.Passing(40, 100), "sample": sample.Run(),
		"60 failing budgets": brokenRun(assertions.Fail, 60, 22),
		"untruthful":         brokenRun(assertions.Untruthful, 20, 40),
		"inconclusive":       brokenRun(assertions.Inconclusive, 20, 40),
		"does not fit":       brokenRun(assertions.DoesNotFit, 20, 40),
		"target died":        brokenRun(assertions.Error, 20, 40),
	}
	died := runs["target died"]
	died.End, died.Cause = reports.TargetDied, "the target ended with signal 11"+strings.Repeat(" after words", 30)
	runs["target died"] = died
	for name, r := range runs {
		text := shown(t, r, Options{})
		require.LessOrEqual(t, strings.Count(text, "\n"), 40, "%s:\n%s", name, text)
		for row := range strings.Lines(text) {
			require.LessOrEqual(t, twwidth.Width(strings.TrimSuffix(row, "\n")), DefaultWidth, "%s: %s", name, row)
		}
		if r.Directory != "" {
			require.Contains(t, text, "report.html\n", name)
			require.Contains(t, text, "--full`\n", name)
		}
		if strings.HasPrefix(name, "60") {
			require.LessOrEqual(t, lineOf(t, text, "✗ fail broken-"), 12, text)
		}
	}
}
