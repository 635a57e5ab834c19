package page

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/hostile"
	"brrtload/reports/internal/sample"
)

func TestExplainShowsAllOfACheck(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Explain(&out, sample.Run(), "requests-by-status"))
	sample.Golden(t, "explain.txt", out.Bytes())
	require.EqualError(t, Explain(&out, sample.Run(), "queue-dept"), "the run has no check \"queue-dept\"; did you mean \"queue-depth\"? (`brrtload report RUN --full` lists them)")
}

func TestExplainIsInert(t *testing.T) {
	for _, attack := range hostile.Texts {
		r := sample.Hostile(attack)
		var out bytes.Buffer
		require.NoError(t, Explain(&out, r, r.Checks[0].ID))
		sample.RequirePlain(t, out.String())
		sample.RequireNoCommands(t, out.String())
	}
}

func TestADrawingIsOneFile(t *testing.T) {
	timeline := sample.Charts(sample.Run().Started)
	var out bytes.Buffer
	require.NoError(t, Drawing(&out, *timeline, timeline.Panels[1]))
	sample.Golden(t, "drawing.svg", out.Bytes())
}
