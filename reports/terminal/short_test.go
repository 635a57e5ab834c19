package terminal

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

func shown(t *testing.T, r reports.Report, o Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, r, o))
	return out.String()
}

// lineOf returns the number of the first line that has the text, from 1.
func lineOf(t *testing.T, report, text string) int {
	t.Helper()
	before, _, found := strings.Cut(report, text)
	require.True(t, found, "%q in\n%s", text, report)
	return 1 + strings.Count(before, "\n")
}

func TestAPassTakesFortyLines(t *testing.T) {
	text := shown(t, sample.Passing(22, 100), Options{})
	require.LessOrEqual(t, strings.Count(text, "\n"), 40, text)
	require.Contains(t, strings.Join(strings.Fields(text), " "), "40 identities exact over 1,618 hits; 31 promises kept in 49 scrapes; 20 other checks held")
	require.Contains(t, text, "(on time is up to 1.67")
	require.NotContains(t, text, "the floor alone")
	require.Contains(t, text, "runs/pets-20261123T120000.000Z/report.html\n")
	require.Contains(t, text, "\nand 12 more requests with --full\n")
	require.Less(t, lineOf(t, text, "owners/21"), lineOf(t, text, "owners/20"), "the slowest first")
	require.NotContains(t, text, "owners/11 ")
	full := shown(t, sample.Passing(22, 100), Options{Full: true})
	require.Contains(t, full, "owners/0 ")
	require.Contains(t, full, "client-p99-96")
}

func TestTheShortReportKeepsToItsWidth(t *testing.T) {
	wide := sample.Passing(22, 100)
	wide.Reason += strings.Repeat(" and a reason that goes on", 12)
	wide.Requests[3].Name = "商品を検索する/詳細/価格の一覧を取得する/絞り込み"
	failing := sample.Run()
	failing.Notes = []string{strings.Repeat("a long note ", 30)}
	for _, r := range []reports.Report{wide, failing, sample.Passing(1, 1), {}} {
		for _, width := range []int{40, 60, 80, 132} {
			for row := range strings.Lines(shown(t, r, Options{Width: width})) {
				require.LessOrEqual(t, twwidth.Width(strings.TrimSuffix(row, "\n")), width, row)
				require.Equal(t, strings.TrimRight(row, " \n")+"\n", row, "no blanks at the end of a line")
			}
		}
	}
}

func TestAFailedBudgetIsSeenWithoutScrolling(t *testing.T) {
	r := sample.Passing(22, 100)
	lies := sample.Run().Checks[5]
	for i := range 30 { // whatever else is wrong, and comes first by its verdict
		lie := lies
		lie.ID, lie.Findings = fmt.Sprintf("lie-%d", i), slices.Clone(lies.Findings)
		r.Checks = append(r.Checks, lie)
	}
	r.Checks = append(r.Checks, sample.Run().Checks[1])
	r.Verdict, r.Reason = assertions.Untruthful, "lie-0: "+strings.Repeat("a long reason ", 30)
	text := shown(t, r, Options{})
	require.LessOrEqual(t, lineOf(t, text, "✗ fail queue-depth: 41, must be < 32, at budgets/smoke.yaml:12:5\n"), 12, text)
	require.Contains(t, text, "≠ untruthful lie-0: the client counted 1,600 answers with 200, the server 1,440\n")
	require.Regexp(t, `\nand \d+ more that did not hold with --full\n`, text)
	require.NotContains(t, text, "least room", "budgets that held are counted")
}

func TestAFindingStandsOnce(t *testing.T) {
	r := sample.Run()
	reason := "the client counted 1,600 answers with 200, the server 1,440"
	require.Equal(t, 1, strings.Count(strings.ReplaceAll(shown(t, r, Options{}), "\n", " "), reason))
}

func TestChecksWithOneCauseShareALine(t *testing.T) {
	rests := func(id string, how assertions.Cause, verdict assertions.Verdict) assertions.Check {
		c := sample.Resting(sample.Check(id, "budget", assertions.Pass, id, assertions.Finding{Text: id}), how, "requests_total", "counted")
		c.Verdict, c.Position = verdict, diag.Position{}
		return c
	}
	suspended := func(id string) assertions.Check {
		c := sample.Check(id, "budget", assertions.Inconclusive, "3 s, must be < 1 s",
			assertions.Finding{Verdict: assertions.Fail, Text: id, Measured: sample.Figure(3), Limit: sample.Figure(1), Operator: "<", Unit: "s"})
		c.Overruled = &assertions.Overruled{Cause: assertions.Undelivered, By: "delivery", Own: assertions.Fail, Reason: c.Reason,
			Text: "the load was not delivered as planned (sent 2 of 9)"}
		return c
	}
	unreadable := func(id string) assertions.Check {
		return sample.Check(id, "exposition", assertions.Error, "no scrape could be read", assertions.Finding{Verdict: assertions.Error, Text: "no scrape could be read"})
	}
	text := shown(t, reports.Report{Verdict: assertions.Error, Reason: "first: no scrape could be read", Checks: []assertions.Check{
		unreadable("first"), rests("errors", assertions.RestsOn, assertions.Untruthful), rests("rate", assertions.RestsOn, assertions.Untruthful), suspended("p50"),
		rests("bodies", assertions.ComparesWith, assertions.Inconclusive), suspended("p99"), unreadable("second"),
	}}, Options{})
	require.Contains(t, text, "\n! error first, second: no scrape could be read\n")
	require.Contains(t, text, "\n≠ untruthful because of counted: errors, rate\n")
	require.Contains(t, text, "\n? inconclusive p50, p99: the load was not delivered as planned (sent 2 of 9)\n")
	require.Contains(t, text, "\n? inconclusive because of counted: bodies\n")
}

func TestTroubleOfTheMeasurementIsShown(t *testing.T) {
	for name, trouble := range map[string]func(*reports.Report){
		"dropped hits":     func(r *reports.Report) { r.Generator.Dropped = 1 },
		"hits that waited": func(r *reports.Report) { r.Generator.Waited = 1 },
		"a failed scrape":  func(r *reports.Report) { r.Scrapes[0].Failed = 1 },
		"an interruption":  func(r *reports.Report) { r.End = reports.Interrupted },
	} {
		r := sample.Passing(2, 5)
		require.NotContains(t, shown(t, r, Options{}), "load generator", name)
		trouble(&r)
		require.Contains(t, shown(t, r, Options{}), "load generator", name)
	}
}

func TestWarningsComeAfterTheRest(t *testing.T) {
	r := sample.Passing(2, 5)
	for i := range 9 {
		r.Checks = append(r.Checks, sample.Warning(sample.Check(fmt.Sprintf("w%d", i), "exposition", assertions.Untruthful, "no unit")))
	}
	text := shown(t, r, Options{})
	require.Greater(t, lineOf(t, text, "⚠ w0: no unit\n"), lineOf(t, text, "request "))
	require.Contains(t, text, "and 4 more warnings\n")
}

func TestAnIdentityIsExactWithoutAnythingAmbiguous(t *testing.T) {
	r := sample.Passing(1, 5)
	r.Checks[2].Findings[0].Count = &assertions.Count{Client: 16, Ambiguous: 2, Server: 17}
	require.Contains(t, shown(t, r, Options{}), "2 identities held (1 exact, 1 within their bounds) over 1,618 hits")
	r.Checks[2].Verdict = assertions.Inconclusive
	require.Contains(t, truthful(r), "1 of 2 identities exact")
}
