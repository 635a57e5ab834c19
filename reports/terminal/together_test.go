package terminal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

// What one lie overrules is told once, with the names of all that it overruled; what another check
// overruled for a cause of its own is told by itself.
func TestWhatOneLieOverrulesIsToldTogether(t *testing.T) {
	rests := func(id, on string) assertions.Check {
		return sample.Resting(assertions.Check{Heading: assertions.Heading{ID: id, Kind: "budget", Severity: assertions.Failing}, Reason: id + " is low",
			Findings: []assertions.Finding{{Verdict: assertions.Pass, Text: id + " is low"}}}, assertions.RestsOn, on, "counted")
	}
	r := reports.Report{Verdict: assertions.Untruthful, Checks: []assertions.Check{
		rests("errors", "requests_total"), rests("duration", "waits_total"), rests("cpu-per-request", "requests_total"), rests("rate", "requests_total")}}
	var out bytes.Buffer
	require.NoError(t, Write(&out, r, Options{Full: true}))
	text := out.String()
	require.Contains(t, text, "\n≠ untruthful 3 checks\n    rests on requests_total, which counted found untruthful\n    errors, cpu-per-request, rate\n\n")
	require.Contains(t, text, "\n≠ untruthful duration\n    rests on waits_total, which counted found untruthful; by itself: pass,\n    duration is low\n")
	require.Equal(t, 1, strings.Count(text, "rests on requests_total"))
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, len([]rune(line)), DefaultWidth+1)
	}
}
