package page

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

// large is a run of ten minutes with 22 requests, 100 checks and as much in each chart as there may
// be.
func large() reports.Report {
	const slices, budgets, identities = 200, 80, 20
	random := rand.New(rand.NewPCG(1, 2))
	r := sample.Run()
	line := func(n int) reports.Values {
		values := make(reports.Values, n)
		for i := range values {
			values[i] = random.ExpFloat64()
		}
		return values
	}
	sides := []reports.Side{reports.Plan, reports.Client, reports.Client, reports.Client, reports.Service, reports.Service, reports.Service, reports.Kernel}
	t := &reports.Timeline{Zero: r.Started, First: 3, Step: 3, Slices: slices, Bands: r.Timeline.Bands, Heat: &reports.Heat{}}
	for p := range 7 {
		panel := reports.Panel{ID: fmt.Sprintf("panel-%d", p), Title: "Panel", Unit: "s"}
		for i, side := range sides {
			panel.Lines = append(panel.Lines, reports.Line{Name: fmt.Sprintf("line %d", i), Side: side, Values: line(slices)})
		}
		t.Panels = append(t.Panels, panel)
	}
	for i := range 24 {
		row := line(slices)
		for n := range row {
			row[n] = float64(int(100 * row[n]))
		}
		t.Heat.Bounds, t.Heat.Counts = append(t.Heat.Bounds, 0.001*float64(int(1)<<i)), append(t.Heat.Counts, row)
	}
	r.Checks, r.Exhibits = nil, nil
	for i := range budgets {
		c := sample.Check(fmt.Sprintf("budget-%d", i), "budget", assertions.Pass, "42 %, must be < 80 %", assertions.Finding{
			Text: "42 %, must be < 80 %", Measured: sample.Figure(0.42), Operator: "<", Limit: sample.Figure(0.8), Unit: "ratio", Margin: sample.Figure(0.475), Samples: 41})
		if i%4 == 0 {
			c.Verdict, c.Findings[0].Verdict = assertions.Fail, assertions.Fail
		}
		r.Checks = append(r.Checks, c)
		t.Trends = append(t.Trends, reports.Trend{Check: c.ID, From: 1, Step: 25, Values: line(24), Failed: sample.Figure(100)})
	}
	for i := range identities {
		c := sample.Check(fmt.Sprintf("identity-%d", i), "identity", assertions.Untruthful, "the client counted 1,600 answers, the server 1,440")
		e := reports.Exhibit{Check: c.ID, Endpoint: "target"}
		for n := range 15 {
			e.Samples = append(e.Samples, reports.Exposed{Series: fmt.Sprintf(`requests_total{handler="a_handler_%d",method="GET",status="200"}`, n), Baseline: "0", Final: "123456"})
		}
		for n := range 3 {
			series := map[string]string{"handler": fmt.Sprint(n)}
			c.Findings = append(c.Findings, assertions.Finding{Verdict: assertions.Untruthful, Series: series,
				Text: "the client counted 1,600 answers, the server 1,440", Count: &assertions.Count{Client: 1600, Server: 1440, Difference: -160}})
			t.Residuals = append(t.Residuals, reports.Residual{Check: c.ID, Series: fmt.Sprint("handler=", n), Values: line(24), Ambiguous: line(24)})
		}
		r.Checks, r.Exhibits = append(r.Checks, c), append(r.Exhibits, e)
	}
	for i := range 20 {
		at := float64(i)
		r.Log = append(r.Log, reports.Logged{At: &at, Level: "ERROR", Event: fmt.Sprint("event ", i), Text: strings.Repeat(fmt.Sprintf("line %d ", i), 40), Count: 7})
	}
	for i := range 10 {
		trace := reports.Trace{ID: fmt.Sprintf("%032x", random.Uint64()), Seconds: random.Float64()}
		for range 12 {
			trace.Spans = append(trace.Spans, reports.Span{Name: fmt.Sprint("span ", i), Depth: 1, Seconds: random.Float64()})
		}
		r.Traces = append(r.Traces, trace)
	}
	for i := range 22 {
		q := r.Requests[1]
		q.Name = fmt.Sprintf("request %d", i)
		r.Requests = append(r.Requests, q)
		for range 6 {
			r.Ledger = append(r.Ledger, reports.Entry{Request: q.Name, Credential: "none", Status: 200, Outcome: "answered", Hits: 1000})
		}
	}
	r.Timeline = t
	return r
}

func TestThePageOfALongRunIsSmall(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, HTML(&out, large()))
	require.Greater(t, out.Len(), 100_000, "it has everything")
	require.LessOrEqual(t, out.Len(), 500_000)
}

// Making a page takes memory for a few copies of it and of its result, and no more.
func TestThePageOfALongRunTakesLittleMemory(t *testing.T) {
	r := large()
	require.NoError(t, HTML(io.Discard, r)) // what is made once
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, HTML(io.Discard, r))
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20), "bytes in all")
}

func BenchmarkHTML(b *testing.B) {
	r := large()
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := HTML(&out, r); err != nil {
			b.Fatal(err)
		}
	}
}
