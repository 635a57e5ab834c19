// Package sample has reports for the tests of all formats, and what every format must keep to.
package sample

import (
	"math"
	"time"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/reports"
)

// Figure returns a figure that is there.
func Figure(v float64) *float64 { return &v }

// Run is a run that did not pass: each kind of check, each verdict.
func Run() reports.Report {
	started := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return reports.Report{
		Version: reports.Version, Command: "run", Scenario: "smoke", Verdict: assertions.Untruthful, Status: 3,
		Reason:    "requests-by-status: the client counted 1,600 answers with 200, the server 1,440; 1 other check",
		DecidedBy: "requests-by-status", End: reports.Completed, Seed: 1, Started: started, Seconds: 10.2,
		Target: reports.Target{Name: "bin/targetsvc --listen 127.0.0.1:0", URL: "http://127.0.0.1:41234", PID: 4242,
			CPUSeconds: 0.31, CPUPerHit: 0.00019375, ResidentPeak: 31 << 20, Build: "v0.1.0"},
		Windows: []facts.Window{{Name: facts.Run, Start: started, End: started.Add(10 * time.Second)}},
		Checks: []assertions.Check{
			Check("stack-used", "budget", assertions.Pass, `{handler="digest"} 42 %, must be < 80 %`, assertions.Finding{
				Text: "42 %, must be < 80 %", Series: map[string]string{"handler": "digest"},
				Measured: Figure(0.42), Operator: "<", Limit: Figure(0.8), Unit: "ratio", Margin: Figure(0.475), Samples: 41}),
			Check("queue-depth", "budget", assertions.Fail, "41, must be < 32", assertions.Finding{
				Verdict: assertions.Fail, Text: "41, must be < 32", Series: map[string]string{"handler": "getPet"},
				Measured: Figure(41), Operator: "<", Limit: Figure(32), Margin: Figure(-0.28125), Samples: 41}),
			Check("client-p99", "budget", assertions.Inconclusive, "the generator fell behind: 0.4 % of the hits were never sent", assertions.Finding{
				Verdict: assertions.Inconclusive, Text: "the generator fell behind", Measured: Figure(0.0123), Operator: "<",
				Limit: Figure(0.25), Unit: "s", Margin: Figure(0.9508), Samples: 2}),
			Resting(Check("error-rate", "budget", assertions.Pass, "0 %, must be < 1 %", assertions.Finding{
				Text: "0 %, must be < 1 %", Measured: Figure(0), Operator: "<", Limit: Figure(0.01), Unit: "ratio", Margin: Figure(1), Samples: 2}),
				assertions.RestsOn, "brrtrouter_requests_total", "requests-by-status"),
			Warning(Check("auth-p99", "budget", assertions.Fail, "250.4 ms, must be < 250 ms", assertions.Finding{
				Verdict: assertions.Fail, Text: "250.4 ms, must be < 250 ms", Series: map[string]string{"provider": "api_key"},
				Measured: Figure(0.2504), Operator: "<", Limit: Figure(0.25), Unit: "s", Margin: Figure(-0.0016), Samples: 2})),
			Check("requests-by-status", "identity", assertions.Untruthful, "the client counted 1,600 answers with 200, the server 1,440",
				assertions.Finding{Verdict: assertions.Untruthful, Text: "the client counted 1,600 answers with 200, the server 1,440", Series: map[string]string{"status": "200"},
					Count: &assertions.Count{Client: 1600, Server: 1440, Difference: -160}, Samples: 2},
				assertions.Finding{Text: "the client counted 16 to 18 answers with 404, the server 17", Series: map[string]string{"status": "404"},
					Count: &assertions.Count{Client: 16, Ambiguous: 2, Server: 17}, Samples: 2}),
			Check("auth-alive", "liveness", assertions.NotApplicable, "nothing provoked it: there were no refusals", assertions.Finding{
				Verdict: assertions.NotApplicable, Text: "nothing provoked it: there were no refusals"}),
			Check("stack-gauge-alive", "liveness", assertions.Pass, "brrtrouter_coroutine_stack_used_bytes moved"),
		},
		Requests: []reports.Request{
			{Name: reports.Total, Hits: 1618, Rate: 161.8, Errors: 2, Latency: Quantiles(1e-3), Service: Quantiles(0.9e-3)},
			{Name: "get-pet", Hits: 1202, Rate: 120.2, Latency: Quantiles(0.8e-3), Service: Quantiles(0.7e-3)},
			{Name: "missing", Hits: 416, Rate: 41.6, Errors: 2, Latency: Quantiles(1.1e-3), Service: Quantiles(1e-3),
				Kinds: map[string]int64{"connection reset by peer": 2}},
		},
		Ledger: []reports.Entry{
			{Request: "get-pet", Credential: "good-key", Status: 200, Outcome: "answered", Hits: 1600},
			{Request: "missing", Credential: "none", Status: 404, Outcome: "answered", Hits: 16},
			{Request: "missing", Credential: "none", Outcome: "ambiguous", Hits: 2},
		},
		Failures: []reports.Failure{{Request: "missing", Outcome: "ambiguous", Error: "connection reset by peer", At: started, Seq: 17}},
		Generator: reports.Generator{Planned: 1624, Sent: 1618, Dropped: 6, Lag: Quantiles(40e-6), Floor: Quantiles(30e-6),
			CPUSeconds: 0.05, CPUPerHit: 31e-6},
		Shards: []reports.Shard{
			{Index: 0, Of: 3, End: reports.Completed, Planned: 542, Sent: 542, LagP99: 40e-6, LagFloor: 30e-6, CPUSeconds: 0.02, ClockOffset: Figure(0)},
			{Index: 1, Of: 3, End: reports.Interrupted, Planned: 541, Sent: 535, Dropped: 6, LagP99: 41e-6, LagFloor: 30e-6, CPUSeconds: 0.02,
				ClockOffset: Figure(-0.0021), Uncertainty: 0.0002},
			{Index: 2, Of: 3, Missing: true, Planned: 541}},
		Memory: &reports.Memory{Tool: "heaptrack", Slowed: true, Peak: 12 << 20, Hits: 1618, Unseen: []string{"memory that the program maps itself"},
			Sites: []reports.MemorySite{
				{Function: "shop::parse(request const&)", Place: "src/parse.cc:42", Allocations: Figure(6472), Bytes: Figure(1656832), LiveStart: Figure(0), LiveEnd: Figure(0)},
				{Function: "shop::keep_session()", Place: "src/session.cc:7", Allocations: Figure(1618), Bytes: Figure(1656832), LiveStart: Figure(1024), LiveEnd: Figure(1657856)},
				{Function: "other", Allocations: Figure(12), Bytes: Figure(4096), LiveStart: Figure(70000), LiveEnd: Figure(65904)}}},
		Timeline: Charts(started),
		Exhibits: []reports.Exhibit{{Check: "requests-by-status", Endpoint: "target", More: 3, Samples: []reports.Exposed{
			{Series: `brrtrouter_requests_total{handler="get_pet",status="200"}`, Baseline: "0", Final: "1440"}}}},
		Log: []reports.Logged{
			{At: Figure(1.25), Level: "ERROR", Event: "Handler panicked", Text: `{"time":"2026-11-23T12:00:01.25Z","level":"ERROR","msg":"Handler panicked"}`, Count: 2},
			{At: Figure(0.5), Level: "INFO", Event: "Request complete", Text: `{"level":"INFO","msg":"Request complete","status":200}`, Count: 1440}},
		Traces: []reports.Trace{{ID: "4bf92f3577b34da6a3ce929d0e0e4736", Seconds: 0.3, Spans: []reports.Span{
			{Name: "GET /pets", Seconds: 0.3}, {Name: "handler.execute", Depth: 1, Start: 0.01, Seconds: 0.28, Error: true}}}},
		Scrapes: []reports.Scrapes{{Endpoint: "http://127.0.0.1:41234/metrics", Count: 43, Seconds: 0.0021, Bytes: 48_812, Series: 612}},
		Notes:   []string{"The machine has 2 CPUs and shared them with the target."},
		Files:   []string{"ledger.json", "target.log", "tsdb"},
		Where: reports.Provenance{Brrtload: "v0.1.0", Go: "go1.26.8", OS: "linux/amd64", Kernel: "6.12", CPU: "a CPU", CPUs: 2, GOMAXPROCS: 2,
			Steal: 0.001, Pressure: 0.02},
	}
}

// Charts is a timeline with each kind of chart.
func Charts(zero time.Time) *reports.Timeline {
	gap := math.NaN()
	return &reports.Timeline{
		Zero: zero, First: 1, Step: 1, Slices: 4,
		Bands: []reports.Band{{Name: "warm-up", From: 0, To: 1, WarmUp: true}, {Name: "steady", From: 1, To: 4}},
		Marks: []reports.Mark{{At: 2.5, Text: "the target restarted"}},
		Panels: []reports.Panel{
			{ID: "rate", Title: "Rate", Unit: "per second", Lines: []reports.Line{
				{Name: "planned", Side: reports.Plan, Values: reports.Values{100, 200, 200, 200}}, {Name: "sent", Side: reports.Client, Values: reports.Values{100, 200, 180, 220}}}},
			{ID: "latency", Title: "Latency", Unit: "s", Lines: []reports.Line{
				{Name: "p99", Side: reports.Client, Values: reports.Values{0.001, gap, 0.12, 0.002}}, {Name: "service p99", Side: reports.Service, Values: reports.Values{0.0009, 0.001, 0.1, 0.0015}}}},
			{ID: "memory", Title: "Resident memory", Unit: "B", Lines: []reports.Line{{Name: "by the kernel", Side: reports.Kernel, Values: reports.Values{31e6, 32e6, 32e6, 33e6}}}},
		},
		Heat: &reports.Heat{Bounds: []float64{0.001, 0.01, 0.1}, Counts: []reports.Values{{90, 180, 100, 190}, {10, 15, 60, 10}, {0, 5, 20, gap}}},
		Residuals: []reports.Residual{
			{Check: "requests-by-status", Series: "status=200", Values: reports.Values{0, 40, 100, 160}},
			{Check: "requests-by-status", Series: "status=404", Values: reports.Values{0, 0, -1, -1}, Ambiguous: reports.Values{0, 0, 2, 2}}},
		Trends: []reports.Trend{{Check: "queue-depth", From: 1, Step: 1, Values: reports.Values{12, 41, 30}, Failed: Figure(3)}},
		Spectra: []reports.Spectrum{
			{Name: "latency", Side: reports.Client, Points: [][2]float64{{0.5, 0.001}, {0.99, 0.12}, {1, 0.4}}},
			{Name: "request_duration_seconds", Side: reports.Service, Bounds: true, Points: [][2]float64{{0.4, 0.001}, {0.99, 0.25}, {1, 0.5}}}},
	}
}

// Check returns a check of a kind, with a verdict of its own.
func Check(id, kind string, verdict assertions.Verdict, reason string, findings ...assertions.Finding) assertions.Check {
	return assertions.Check{Heading: assertions.Heading{
		ID: id, Kind: kind, Severity: assertions.Failing, Window: facts.Steady, Why: "so that " + id + " is known",
		Query: `max by (handler) (max_over_time(x{id="` + id + `"}[range()]))`, Position: diag.Position{File: "budgets/smoke.yaml", Line: 12, Column: 5},
		Metrics: []string{"x"},
	}, Verdict: verdict, Reason: reason, Findings: append([]assertions.Finding{}, findings...)}
}

// Resting returns a check that another one overruled because of a metric.
func Resting(c assertions.Check, how assertions.Cause, metric, by string) assertions.Check {
	c.Overruled = &assertions.Overruled{Cause: how, By: by, Metric: metric, Own: c.Verdict, Reason: c.Reason}
	c.Verdict = assertions.Untruthful
	return c
}

// Warning makes a check a warning.
func Warning(c assertions.Check) assertions.Check {
	c.Severity = assertions.Warning
	return c
}

// Quantiles returns plausible ones, by their median in seconds.
func Quantiles(p50 float64) reports.Quantiles {
	return reports.Quantiles{P50: p50, P90: 2 * p50, P95: 3 * p50, P99: 5 * p50, P999: 12.34 * p50, Max: 40 * p50}
}
