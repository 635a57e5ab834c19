package reports

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestTerminalKeepsToItsWidth(t *testing.T) {
	r := sample()
	// as wide as figures get
	r.Requests[1].Name, r.Requests[1].Latency, r.Requests[1].Service = "pets of a breed", quantiles(0.0123), quantiles(0.0123)
	for _, width := range []int{40, 60, 80, 200} {
		var out bytes.Buffer
		require.NoError(t, Terminal(&out, r, TerminalOptions{Width: width, Full: true}))
		require.Equal(t, width > 60, strings.Contains(out.String(), "p99.9"), "a narrow terminal does without")
		_, body, _ := strings.Cut(out.String(), "\n") // the first line is the reason, in one piece
		for row := range strings.Lines(body) {
			require.LessOrEqual(t, twwidth.Width(strings.TrimSuffix(row, "\n")), width, row)
			require.Equal(t, strings.TrimRight(row, " \n")+"\n", row, "no blanks at the end of a line")
		}
	}
}

func TestOnlyATerminalCutsWhatHeld(t *testing.T) {
	r := sample()
	long := strings.Repeat("a finding that goes on and on, ", 8) + "to its end"
	r.Checks = append(r.Checks, check("long-winded", "liveness", assertions.Pass, long))
	var inFile, inTerminal bytes.Buffer
	require.NoError(t, Terminal(&inFile, r, TerminalOptions{Full: true}))
	require.NoError(t, Terminal(&inTerminal, r, TerminalOptions{Width: DefaultWidth, Full: true}))
	require.Contains(t, inFile.String(), "long-winded        "+long+"\n")
	require.NotContains(t, inFile.String(), "…")
	require.Regexp(t, `long-winded        a finding .*…\n`, inTerminal.String())
}

func TestTerminalSaysHowManyRowsItLeavesOut(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Terminal(&out, crowded(1250), TerminalOptions{Full: true}))
	require.Contains(t, out.String(), "and 1,150 more in result.json")
}

func TestWrap(t *testing.T) {
	for _, row := range []struct {
		text  string
		width int
		want  []string
	}{
		{"fits", 4, []string{"fits"}},
		{"at a space when there is one", 12, []string{"at a space", "when there", "is one"}},
		{"brrtrouter_requests_total", 12, []string{"brrtrouter_", "requests_", "total"}},
		{"unbreakable", 4, []string{"unbr", "eaka", "ble"}},
		{"世界世界", 4, []string{"世界", "世界"}},
		{"世界", 1, []string{"世", "界"}},
		{"exactly ten", 7, []string{"exactly", "ten"}},
		{"no width", 0, []string{"no width"}},
	} {
		require.Equal(t, row.want, wrap(row.text, row.width), row.text)
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("requests-by-status{status=\"200\"} of many", 13)
	f.Add("  世界 \xff", 1)
	f.Fuzz(func(t *testing.T, text string, width int) {
		text = line(text, 400)
		lines := wrap(text, width)
		blank := strings.NewReplacer(" ", "")
		require.Equal(t, blank.Replace(text), blank.Replace(strings.Join(lines, "")), "nothing is lost")
		for _, l := range lines {
			if width >= 2 {
				require.LessOrEqual(t, twwidth.Width(l), width)
			}
		}
	})
}

func BenchmarkTerminal(b *testing.B) {
	r := crowded(100)
	b.ReportAllocs()
	for b.Loop() {
		if err := Terminal(io.Discard, r, TerminalOptions{Full: true}); err != nil {
			b.Fatal(err)
		}
	}
}
