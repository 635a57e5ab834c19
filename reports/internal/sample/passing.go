package sample

import (
	"fmt"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/reports"
)

// Passing is a run that passed, with this many requests and checks: two budgets and two identities in
// five checks, in eight packs.
func Passing(requests, checks int) reports.Report {
	r := Run()
	r.Verdict, r.Status, r.Checks, r.Failures, r.Notes = assertions.Pass, reports.StatusPass, nil, nil, nil
	r.Reason = fmt.Sprintf("%d checks held; the tightest is client-p99-0 with 2 %% of its limit left", checks)
	r.Directory = "runs/pets-20261123T120000.000Z"
	r.Files = []string{"evidence.json", "ledger.json", "report.html", "report.txt", "result.json", "target.log", "tsdb/"}
	r.Generator.Dropped, r.Generator.Planned = 0, r.Generator.Sent
	r.Requests = []reports.Request{{Name: reports.Total, Hits: 31_618, Rate: 3161.8, Latency: Quantiles(1e-3)}}
	for i := range requests {
		r.Requests = append(r.Requests, reports.Request{Name: fmt.Sprintf("GET /api/v1/pets/{petId}/owners/%d", i), Hits: 1437, Rate: 143.7, Latency: Quantiles(float64(i+1) * 1e-4)})
	}
	for i := range checks {
		var c assertions.Check
		switch i % 5 {
		case 0, 1:
			c = Check(fmt.Sprintf("client-p99-%d", i), "budget", assertions.Pass, "98 ms, must be < 100 ms", assertions.Finding{Text: "98 ms, must be < 100 ms",
				Measured: Figure(0.098 / float64(i+1)), Operator: "<", Limit: Figure(0.1), Unit: "s", Margin: Figure(1 - 0.98/float64(i+1)), Samples: 2})
		case 2, 3:
			c = Check(fmt.Sprintf("counted-%d", i), "identity", assertions.Pass, "the client counted 10 answers, the server 10",
				assertions.Finding{Count: &assertions.Count{Client: 10, Server: 10}})
		default:
			c = Check(fmt.Sprintf("alive-%d", i), "liveness", assertions.Pass, "moved")
		}
		c.Position = diag.Position{File: fmt.Sprintf("shipped:packs/pack%d.yaml", i%8), Line: i + 1, Column: 5}
		r.Checks = append(r.Checks, c)
	}
	r.Checks = append(r.Checks,
		Check("contract", "contract", assertions.Pass, "31 promises kept in 49 scrapes"),
		Check("delivery", "delivery", assertions.Pass, "lag p99 8.25 ms: late (on time is up to 1.67 ms; the floor alone is 670 µs), but within",
			assertions.Finding{Text: "lag p99 8.25 ms: late", Measured: Figure(8.25e-3), Limit: Figure(1.67e-3), Operator: "<=", Unit: "s", Margin: Figure(-4)}))
	return r
}

// Crowded is a report of many checks and requests, n of each.
func Crowded(n int) reports.Report {
	r := Run()
	r.Checks, r.Ledger = nil, nil
	for i := range n {
		verdict := []assertions.Verdict{assertions.Pass, assertions.Inconclusive, assertions.Fail, assertions.Untruthful, assertions.Error}[i%5]
		r.Checks = append(r.Checks, Check(fmt.Sprintf("budget-%04d", i), "budget", verdict, strings.Repeat("word ", 60),
			assertions.Finding{Verdict: verdict, Text: strings.Repeat("finding ", 40), Measured: Figure(1), Operator: "<", Limit: Figure(2)}))
		r.Ledger = append(r.Ledger, reports.Entry{Request: fmt.Sprintf("request-%04d", i), Credential: "none", Status: 200, Outcome: "answered", Hits: 1})
	}
	return r
}
