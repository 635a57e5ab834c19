package terminal

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports/fit"
	"brrtload/reports/internal/sample"
)

func TestTerminalKeepsToItsWidth(t *testing.T) {
	r := sample.Run()
	// as wide as figures get
	r.Requests[1].Name, r.Requests[1].Latency, r.Requests[1].Service = "pets of a breed", sample.Quantiles(0.0123), sample.Quantiles(0.0123)
	for _, width := range []int{40, 60, 80, 200} {
		var out bytes.Buffer
		require.NoError(t, Write(&out, r, Options{Width: width, Full: true}))
		require.Equal(t, width > 60, strings.Contains(out.String(), "p99.9"), "a narrow terminal does without")
		_, body, _ := strings.Cut(out.String(), "\n") // the first line is the reason, in one piece
		for row := range strings.Lines(body) {
			require.LessOrEqual(t, twwidth.Width(strings.TrimSuffix(row, "\n")), width, row)
			require.Equal(t, strings.TrimRight(row, " \n")+"\n", row, "no blanks at the end of a line")
		}
	}
}

func TestOnlyATerminalCutsWhatHeld(t *testing.T) {
	r := sample.Run()
	long := strings.Repeat("a finding that goes on and on, ", 8) + "to its end"
	r.Checks = append(r.Checks, sample.Check("long-winded", "liveness", assertions.Pass, long))
	var inFile, inTerminal bytes.Buffer
	require.NoError(t, Write(&inFile, r, Options{Full: true}))
	require.NoError(t, Write(&inTerminal, r, Options{Width: DefaultWidth, Full: true}))
	require.Contains(t, inFile.String(), "long-winded        "+long+"\n")
	require.NotContains(t, inFile.String(), "…")
	require.Regexp(t, `long-winded        a finding .*…\n`, inTerminal.String())
}

func TestTerminalSaysHowManyRowsItLeavesOut(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Write(&out, sample.Crowded(1250), Options{Full: true}))
	require.Contains(t, out.String(), "and 1,150 more in result.json")
}

func FuzzWrap(f *testing.F) {
	f.Add("requests-by-status{status=\"200\"} of many", 13)
	f.Add("  世界 \xff", 1)
	f.Fuzz(func(t *testing.T, text string, width int) {
		text = fit.Line(text, 400)
		lines := fit.Wrap(text, width)
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
	r := sample.Crowded(100)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, r, Options{Full: true}); err != nil {
			b.Fatal(err)
		}
	}
}
