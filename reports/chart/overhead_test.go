package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
	"brrtload/reports/internal/sample"
)

func chart(t *testing.T, r reports.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Overhead.Write(&b, r))
	return b.String()
}

func TestTheChartIsWellFormedAndEscaped(t *testing.T) {
	text := chart(t, sample.Charted())
	elements := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok {
			elements[start.Name.Local]++
		}
	}
	require.Zero(t, elements["script"])
	require.Equal(t, 2+len(sample.Charted().Overhead.Parts), elements["rect"], "the ground, the band of the control, and a bar a part")
	require.Equal(t, 1, elements["path"], "one block was not used")
	require.NotContains(t, text, "\x1b")
	require.NotContains(t, text, "NaN")
	require.NotContains(t, text, "p99", "a metric of which nothing is known yet")
	require.Contains(t, text, "a &amp; b")
}

func TestABarOfTheWaterfallBeginsWhereTheLastOneEnded(t *testing.T) {
	whole, half := sample.Charted(), sample.Charted()
	half.Overhead.Parts[1].Value /= 2
	require.NotEqual(t, chart(t, whole), chart(t, half), "what a part costs shows")
}

func TestThereIsNoChartWithoutAnExperiment(t *testing.T) {
	require.ErrorContains(t, Overhead.Write(io.Discard, reports.Report{Command: "run"}), "no experiment to draw: the report is of run")
}
