package reports

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/hostile"
)

func TestExplainShowsAllOfACheck(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Explain(&out, sample(), "requests-by-status"))
	golden(t, "explain.txt", out.Bytes())
	require.EqualError(t, Explain(&out, sample(), "queue-dept"), "the run has no check \"queue-dept\"; did you mean \"queue-depth\"? (`brrtload report RUN --full` lists them)")
}

func TestExplainIsInert(t *testing.T) {
	for _, attack := range hostile.Texts {
		r := hostileReport(attack)
		var out bytes.Buffer
		require.NoError(t, Explain(&out, r, r.Checks[0].ID))
		requirePlain(t, out.String())
		requireNoCommands(t, out.String())
	}
}

func TestADrawingIsOneFile(t *testing.T) {
	timeline := charts(sample().Started)
	var out bytes.Buffer
	require.NoError(t, Drawing(&out, *timeline, timeline.Panels[1]))
	golden(t, "drawing.svg", out.Bytes())
}
