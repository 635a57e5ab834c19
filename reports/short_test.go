package reports

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
)

// passing is a run that passed, with so many requests and checks: two budgets and two identities in
// five checks, in eight packs.
func passing(requests, checks int) Report {
	r := sample()
	r.Verdict, r.Status, r.Checks, r.Failures, r.Notes = assertions.Pass, StatusPass, nil, nil, nil
	r.Reason = fmt.Sprintf("%d checks held; the tightest is client-p99-0 with 2 %% of its limit left", checks)
	r.Directory = "runs/pets-20261123T120000.000Z"
	r.Files = []string{"evidence.json", "ledger.json", "report.html", "report.txt", "result.json", "target.log", "tsdb/"}
	r.Generator.Dropped, r.Generator.Planned = 0, r.Generator.Sent
	r.Requests = []Request{{Name: Total, Hits: 31_618, Rate: 3161.8, Latency: quantiles(1e-3)}}
	for i := range requests {
		r.Requests = append(r.Requests, Request{Name: fmt.Sprintf("GET /api/v1/pets/{petId}/owners/%d", i), Hits: 1437, Rate: 143.7, Latency: quantiles(float64(i+1) * 1e-4)})
	}
	for i := range checks {
		var c assertions.Check
		switch i % 5 {
		case 0, 1:
			c = check(fmt.Sprintf("client-p99-%d", i), "budget", assertions.Pass, "98 ms, must be < 100 ms", assertions.Finding{Text: "98 ms, must be < 100 ms",
				Measured: figure(0.098 / float64(i+1)), Operator: "<", Limit: figure(0.1), Unit: "s", Margin: figure(1 - 0.98/float64(i+1)), Samples: 2})
		case 2, 3:
			c = check(fmt.Sprintf("counted-%d", i), "identity", assertions.Pass, "the client counted 10 answers, the server 10",
				assertions.Finding{Count: &assertions.Count{Client: 10, Server: 10}})
		default:
			c = check(fmt.Sprintf("alive-%d", i), "liveness", assertions.Pass, "moved")
		}
		c.Position = diag.Position{File: fmt.Sprintf("shipped:packs/pack%d.yaml", i%8), Line: i + 1, Column: 5}
		r.Checks = append(r.Checks, c)
	}
	r.Checks = append(r.Checks,
		check("contract", "contract", assertions.Pass, "31 promises kept in 49 scrapes"),
		check("delivery", "delivery", assertions.Pass, "lag p99 8.25 ms: late (on time is up to 1.67 ms; the floor alone is 670 µs), but within",
			assertions.Finding{Text: "lag p99 8.25 ms: late", Measured: figure(8.25e-3), Limit: figure(1.67e-3), Operator: "<=", Unit: "s", Margin: figure(-4)}))
	return r
}

func shown(t *testing.T, r Report, o TerminalOptions) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Terminal(&out, r, o))
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
	text := shown(t, passing(22, 100), TerminalOptions{})
	require.LessOrEqual(t, strings.Count(text, "\n"), 40, text)
	require.Contains(t, strings.Join(strings.Fields(text), " "), "40 identities exact over 1,618 hits; 31 promises kept in 49 scrapes; 20 other checks held")
	require.Contains(t, text, "(on time is up to 1.67")
	require.NotContains(t, text, "the floor alone")
	require.Contains(t, text, "runs/pets-20261123T120000.000Z/report.html\n")
	require.Contains(t, text, "\nand 12 more requests with --full\n")
	require.Less(t, lineOf(t, text, "owners/21"), lineOf(t, text, "owners/20"), "the slowest first")
	require.NotContains(t, text, "owners/11 ")
	full := shown(t, passing(22, 100), TerminalOptions{Full: true})
	require.Contains(t, full, "owners/0 ")
	require.Contains(t, full, "client-p99-96")
}

func TestTheShortReportKeepsToItsWidth(t *testing.T) {
	wide := passing(22, 100)
	wide.Reason += strings.Repeat(" and a reason that goes on", 12)
	wide.Requests[3].Name = "商品を検索する/詳細/価格の一覧を取得する/絞り込み"
	failing := sample()
	failing.Notes = []string{strings.Repeat("a long note ", 30)}
	for _, r := range []Report{wide, failing, passing(1, 1), {}} {
		for _, width := range []int{40, 60, 80, 132} {
			for row := range strings.Lines(shown(t, r, TerminalOptions{Width: width})) {
				require.LessOrEqual(t, twwidth.Width(strings.TrimSuffix(row, "\n")), width, row)
				require.Equal(t, strings.TrimRight(row, " \n")+"\n", row, "no blanks at the end of a line")
			}
		}
	}
}

func TestAFailedBudgetIsSeenWithoutScrolling(t *testing.T) {
	r := passing(22, 100)
	lies := sample().Checks[5]
	for i := range 30 { // whatever else is wrong, and comes first by its verdict
		lie := lies
		lie.ID, lie.Findings = fmt.Sprintf("lie-%d", i), slices.Clone(lies.Findings)
		r.Checks = append(r.Checks, lie)
	}
	r.Checks = append(r.Checks, sample().Checks[1])
	r.Verdict, r.Reason = assertions.Untruthful, "lie-0: "+strings.Repeat("a long reason ", 30)
	text := shown(t, r, TerminalOptions{})
	require.LessOrEqual(t, lineOf(t, text, "✗ fail queue-depth: 41, must be < 32, at budgets/smoke.yaml:12:5\n"), 12, text)
	require.Contains(t, text, "≠ untruthful lie-0: the client counted 1,600 answers with 200, the server 1,440\n")
	require.Regexp(t, `\nand \d+ more that did not hold with --full\n`, text)
	require.NotContains(t, text, "least room", "budgets that held are counted")
}

func TestAFindingStandsOnce(t *testing.T) {
	r := sample()
	reason := "the client counted 1,600 answers with 200, the server 1,440"
	require.Equal(t, 1, strings.Count(strings.ReplaceAll(shown(t, r, TerminalOptions{}), "\n", " "), reason))
}

func TestChecksWithOneCauseShareALine(t *testing.T) {
	rests := func(id string, how assertions.Cause, verdict assertions.Verdict) assertions.Check {
		c := resting(check(id, "budget", assertions.Pass, id, assertions.Finding{Text: id}), how, "requests_total", "counted")
		c.Verdict, c.Position = verdict, diag.Position{}
		return c
	}
	suspended := func(id string) assertions.Check {
		c := check(id, "budget", assertions.Inconclusive, "3 s, must be < 1 s",
			assertions.Finding{Verdict: assertions.Fail, Text: id, Measured: figure(3), Limit: figure(1), Operator: "<", Unit: "s"})
		c.Overruled = &assertions.Overruled{Cause: assertions.Undelivered, By: "delivery", Own: assertions.Fail, Reason: c.Reason,
			Text: "the load was not delivered as planned (sent 2 of 9)"}
		return c
	}
	unreadable := func(id string) assertions.Check {
		return check(id, "exposition", assertions.Error, "no scrape could be read", assertions.Finding{Verdict: assertions.Error, Text: "no scrape could be read"})
	}
	text := shown(t, Report{Verdict: assertions.Error, Reason: "first: no scrape could be read", Checks: []assertions.Check{
		unreadable("first"), rests("errors", assertions.RestsOn, assertions.Untruthful), rests("rate", assertions.RestsOn, assertions.Untruthful), suspended("p50"),
		rests("bodies", assertions.ComparesWith, assertions.Inconclusive), suspended("p99"), unreadable("second"),
	}}, TerminalOptions{})
	require.Contains(t, text, "\n! error first, second: no scrape could be read\n")
	require.Contains(t, text, "\n≠ untruthful because of counted: errors, rate\n")
	require.Contains(t, text, "\n? inconclusive p50, p99: the load was not delivered as planned (sent 2 of 9)\n")
	require.Contains(t, text, "\n? inconclusive because of counted: bodies\n")
}

func TestTroubleOfTheMeasurementIsShown(t *testing.T) {
	for name, trouble := range map[string]func(*Report){
		"dropped hits":     func(r *Report) { r.Generator.Dropped = 1 },
		"hits that waited": func(r *Report) { r.Generator.Waited = 1 },
		"a failed scrape":  func(r *Report) { r.Scrapes[0].Failed = 1 },
		"an interruption":  func(r *Report) { r.End = Interrupted },
	} {
		r := passing(2, 5)
		require.NotContains(t, shown(t, r, TerminalOptions{}), "load generator", name)
		trouble(&r)
		require.Contains(t, shown(t, r, TerminalOptions{}), "load generator", name)
	}
}

func TestWarningsComeAfterTheRest(t *testing.T) {
	r := passing(2, 5)
	for i := range 9 {
		r.Checks = append(r.Checks, warning(check(fmt.Sprintf("w%d", i), "exposition", assertions.Untruthful, "no unit")))
	}
	text := shown(t, r, TerminalOptions{})
	require.Greater(t, lineOf(t, text, "⚠ w0: no unit\n"), lineOf(t, text, "request "))
	require.Contains(t, text, "and 4 more warnings\n")
}

func TestAnIdentityIsExactWithoutAnythingAmbiguous(t *testing.T) {
	r := passing(1, 5)
	r.Checks[2].Findings[0].Count = &assertions.Count{Client: 16, Ambiguous: 2, Server: 17}
	require.Contains(t, shown(t, r, TerminalOptions{}), "2 identities held (1 exact, 1 within their bounds) over 1,618 hits")
	r.Checks[2].Verdict = assertions.Inconclusive
	require.Contains(t, truthful(r), "1 of 2 identities exact")
}
