package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// charted is an experiment with an ablation whose names mean harm.
func charted() Report {
	share := Between{0.05, 0.04, 0.06}
	return Report{Command: "overhead", Overhead: &Overhead{
		Effects: []Effect{{Metric: "cpu", Unit: "s", Share: share}, {Metric: "p99", Unit: "s", Share: Between{0.1, -math.MaxFloat64, math.MaxFloat64}}},
		Twin:    []Effect{{Metric: "cpu", Unit: "s", Share: Between{0.001, -0.004, 0.006}}},
		Others:  []Other{{Name: `<script>alert("x")</script>` + "\x1b[2J", Effect: Effect{Share: share}}},
		Parts:   []Part{{"none", "machinery", Between{1e-6, 0, 2e-6}}, {"a & b", "part", Between{3e-6, 2e-6, 4e-6}}, {"interaction", "interaction", Between{-5e-7, -1e-6, 0}}, {"total", "total", Between{3.5e-6, 3e-6, 4e-6}}},
		Points:  []Point{{Seconds: 1, Candidate: 0.05, Twin: 0.001}, {Seconds: 2, Session: 1, Candidate: 0.04, Unfit: "saturated"}},
	}}
}

func chart(t *testing.T, r Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, OverheadChart.Write(&b, r))
	return b.String()
}

func TestTheChartIsWellFormedAndEscaped(t *testing.T) {
	text := chart(t, charted())
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
	require.Equal(t, 2+len(charted().Overhead.Parts), elements["rect"], "the ground, the band of the control, and a bar a part")
	require.Equal(t, 1, elements["path"], "one block was not used")
	require.NotContains(t, text, "\x1b")
	require.NotContains(t, text, "NaN")
	require.NotContains(t, text, "p99", "a metric of which nothing is known yet")
	require.Contains(t, text, "a &amp; b")
}

func TestABarOfTheWaterfallBeginsWhereTheLastOneEnded(t *testing.T) {
	whole, half := charted(), charted()
	half.Overhead.Parts[1].Value /= 2
	require.NotEqual(t, chart(t, whole), chart(t, half), "what a part costs shows")
}

func TestThereIsNoChartWithoutAnExperiment(t *testing.T) {
	require.ErrorContains(t, OverheadChart.Write(io.Discard, Report{Command: "run"}), "no experiment to draw: the report is of run")
}
