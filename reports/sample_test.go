package reports

import (
	"math"
	"time"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

func figure(v float64) *float64 { return &v }

// sample is a run that did not pass: each kind of check, each verdict.
func sample() Report {
	started := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return Report{
		Version: Version, Command: "run", Scenario: "smoke", Verdict: assertions.Untruthful, Status: 3,
		Reason:    "requests-by-status: the client counted 1,600 answers with 200, the server 1,440; 1 other check",
		DecidedBy: "requests-by-status", End: Completed, Seed: 1, Started: started, Seconds: 10.2,
		Target: Target{Name: "bin/targetsvc --listen 127.0.0.1:0", URL: "http://127.0.0.1:41234", PID: 4242,
			CPUSeconds: 0.31, CPUPerHit: 0.00019375, ResidentPeak: 31 << 20, Build: "v0.1.0"},
		Windows: []facts.Window{{Name: facts.Run, Start: started, End: started.Add(10 * time.Second)}},
		Checks: []assertions.Check{
			check("stack-used", "budget", assertions.Pass, `{handler="digest"} 42 %, must be < 80 %`, assertions.Finding{
				Text: "42 %, must be < 80 %", Series: map[string]string{"handler": "digest"},
				Measured: figure(0.42), Operator: "<", Limit: figure(0.8), Unit: "ratio", Margin: figure(0.475), Samples: 41}),
			check("queue-depth", "budget", assertions.Fail, "41, must be < 32", assertions.Finding{
				Verdict: assertions.Fail, Text: "41, must be < 32", Series: map[string]string{"handler": "getPet"},
				Measured: figure(41), Operator: "<", Limit: figure(32), Margin: figure(-0.28125), Samples: 41}),
			check("client-p99", "budget", assertions.Inconclusive, "the generator fell behind: 0.4 % of the hits were never sent", assertions.Finding{
				Verdict: assertions.Inconclusive, Text: "the generator fell behind", Measured: figure(0.0123), Operator: "<",
				Limit: figure(0.25), Unit: "s", Margin: figure(0.9508), Samples: 2}),
			resting(check("error-rate", "budget", assertions.Pass, "0 %, must be < 1 %", assertions.Finding{
				Text: "0 %, must be < 1 %", Measured: figure(0), Operator: "<", Limit: figure(0.01), Unit: "ratio", Margin: figure(1), Samples: 2}),
				assertions.RestsOn, "brrtrouter_requests_total", "requests-by-status"),
			warning(check("auth-p99", "budget", assertions.Fail, "250.4 ms, must be < 250 ms", assertions.Finding{
				Verdict: assertions.Fail, Text: "250.4 ms, must be < 250 ms", Series: map[string]string{"provider": "api_key"},
				Measured: figure(0.2504), Operator: "<", Limit: figure(0.25), Unit: "s", Margin: figure(-0.0016), Samples: 2})),
			check("requests-by-status", "identity", assertions.Untruthful, "the client counted 1,600 answers with 200, the server 1,440",
				assertions.Finding{Verdict: assertions.Untruthful, Text: "the client counted 1,600 answers with 200, the server 1,440", Series: map[string]string{"status": "200"},
					Count: &assertions.Count{Client: 1600, Server: 1440, Difference: -160}, Samples: 2},
				assertions.Finding{Text: "the client counted 16 to 18 answers with 404, the server 17", Series: map[string]string{"status": "404"},
					Count: &assertions.Count{Client: 16, Ambiguous: 2, Server: 17}, Samples: 2}),
			check("auth-alive", "liveness", assertions.NotApplicable, "nothing provoked it: there were no refusals", assertions.Finding{
				Verdict: assertions.NotApplicable, Text: "nothing provoked it: there were no refusals"}),
			check("stack-gauge-alive", "liveness", assertions.Pass, "brrtrouter_coroutine_stack_used_bytes moved"),
		},
		Requests: []Request{
			{Name: Total, Hits: 1618, Rate: 161.8, Errors: 2, Latency: quantiles(1e-3), Service: quantiles(0.9e-3)},
			{Name: "get-pet", Hits: 1202, Rate: 120.2, Latency: quantiles(0.8e-3), Service: quantiles(0.7e-3)},
			{Name: "missing", Hits: 416, Rate: 41.6, Errors: 2, Latency: quantiles(1.1e-3), Service: quantiles(1e-3),
				Kinds: map[string]int64{"connection reset by peer": 2}},
		},
		Ledger: []Entry{
			{Request: "get-pet", Credential: "good-key", Status: 200, Outcome: "answered", Hits: 1600},
			{Request: "missing", Credential: "none", Status: 404, Outcome: "answered", Hits: 16},
			{Request: "missing", Credential: "none", Outcome: "ambiguous", Hits: 2},
		},
		Failures: []Failure{{Request: "missing", Outcome: "ambiguous", Error: "connection reset by peer", At: started, Seq: 17}},
		Generator: Generator{Planned: 1624, Sent: 1618, Dropped: 6, Lag: quantiles(40e-6), Floor: quantiles(30e-6),
			CPUSeconds: 0.05, CPUPerHit: 31e-6},
		Shards: []Shard{
			{Index: 0, Of: 3, End: Completed, Planned: 542, Sent: 542, LagP99: 40e-6, LagFloor: 30e-6, CPUSeconds: 0.02, ClockOffset: figure(0)},
			{Index: 1, Of: 3, End: Interrupted, Planned: 541, Sent: 535, Dropped: 6, LagP99: 41e-6, LagFloor: 30e-6, CPUSeconds: 0.02,
				ClockOffset: figure(-0.0021), Uncertainty: 0.0002},
			{Index: 2, Of: 3, Missing: true, Planned: 541}},
		Timeline: charts(started),
		Exhibits: []Exhibit{{Check: "requests-by-status", Endpoint: "target", More: 3, Samples: []Exposed{
			{Series: `brrtrouter_requests_total{handler="get_pet",status="200"}`, Baseline: "0", Final: "1440"}}}},
		Log: []Logged{
			{At: figure(1.25), Level: "ERROR", Event: "Handler panicked", Text: `{"time":"2026-11-23T12:00:01.25Z","level":"ERROR","msg":"Handler panicked"}`, Count: 2},
			{At: figure(0.5), Level: "INFO", Event: "Request complete", Text: `{"level":"INFO","msg":"Request complete","status":200}`, Count: 1440}},
		Traces: []Trace{{ID: "4bf92f3577b34da6a3ce929d0e0e4736", Seconds: 0.3, Spans: []Span{
			{Name: "GET /pets", Seconds: 0.3}, {Name: "handler.execute", Depth: 1, Start: 0.01, Seconds: 0.28, Error: true}}}},
		Scrapes: []Scrapes{{Endpoint: "http://127.0.0.1:41234/metrics", Count: 43, Seconds: 0.0021, Bytes: 48_812, Series: 612}},
		Notes:   []string{"The machine has 2 CPUs and shared them with the target."},
		Files:   []string{"ledger.json", "target.log", "tsdb"},
		Where: Provenance{Brrtload: "v0.1.0", Go: "go1.26.8", OS: "linux/amd64", Kernel: "6.12", CPU: "a CPU", CPUs: 2, GOMAXPROCS: 2,
			Steal: 0.001, Pressure: 0.02},
	}
}

// charts is a timeline with each kind of chart.
func charts(zero time.Time) *Timeline {
	gap := math.NaN()
	return &Timeline{
		Zero: zero, First: 1, Step: 1, Slices: 4,
		Bands: []Band{{Name: "warm-up", From: 0, To: 1, WarmUp: true}, {Name: "steady", From: 1, To: 4}},
		Marks: []Mark{{At: 2.5, Text: "the target restarted"}},
		Panels: []Panel{
			{ID: "rate", Title: "Rate", Unit: "per second", Lines: []Line{
				{Name: "planned", Side: Plan, Values: Values{100, 200, 200, 200}}, {Name: "sent", Side: Client, Values: Values{100, 200, 180, 220}}}},
			{ID: "latency", Title: "Latency", Unit: "s", Lines: []Line{
				{Name: "p99", Side: Client, Values: Values{0.001, gap, 0.12, 0.002}}, {Name: "service p99", Side: Service, Values: Values{0.0009, 0.001, 0.1, 0.0015}}}},
			{ID: "memory", Title: "Resident memory", Unit: "B", Lines: []Line{{Name: "by the kernel", Side: Kernel, Values: Values{31e6, 32e6, 32e6, 33e6}}}},
		},
		Heat: &Heat{Bounds: []float64{0.001, 0.01, 0.1}, Counts: []Values{{90, 180, 100, 190}, {10, 15, 60, 10}, {0, 5, 20, gap}}},
		Residuals: []Residual{
			{Check: "requests-by-status", Series: "status=200", Values: Values{0, 40, 100, 160}},
			{Check: "requests-by-status", Series: "status=404", Values: Values{0, 0, -1, -1}, Ambiguous: Values{0, 0, 2, 2}}},
		Trends: []Trend{{Check: "queue-depth", From: 1, Step: 1, Values: Values{12, 41, 30}, Failed: figure(3)}},
		Spectra: []Spectrum{
			{Name: "latency", Side: Client, Points: [][2]float64{{0.5, 0.001}, {0.99, 0.12}, {1, 0.4}}},
			{Name: "request_duration_seconds", Side: Service, Bounds: true, Points: [][2]float64{{0.4, 0.001}, {0.99, 0.25}, {1, 0.5}}}},
	}
}

func check(id, kind string, verdict assertions.Verdict, reason string, findings ...assertions.Finding) assertions.Check {
	return assertions.Check{Heading: assertions.Heading{
		ID: id, Kind: kind, Severity: assertions.Failing, Window: facts.Steady, Why: "so that " + id + " is known",
		Query: `max by (handler) (max_over_time(x{id="` + id + `"}[range()]))`, Position: diag.Position{File: "budgets/smoke.yaml", Line: 12, Column: 5},
		Metrics: []string{"x"},
	}, Verdict: verdict, Reason: reason, Findings: append([]assertions.Finding{}, findings...)}
}

// resting returns a check that another one overruled because of a metric.
func resting(c assertions.Check, how assertions.Cause, metric, by string) assertions.Check {
	c.Overruled = &assertions.Overruled{Cause: how, By: by, Metric: metric, Own: c.Verdict, Reason: c.Reason}
	c.Verdict = assertions.Untruthful
	return c
}

func warning(c assertions.Check) assertions.Check {
	c.Severity = assertions.Warning
	return c
}

func quantiles(p50 float64) Quantiles {
	return Quantiles{P50: p50, P90: 2 * p50, P95: 3 * p50, P99: 5 * p50, P999: 12.34 * p50, Max: 40 * p50}
}
