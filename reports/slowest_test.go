package reports

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSlowestTracesAreShown(t *testing.T) {
	seq := uint64(152)
	r := sample()
	r.Traces = nil
	for n := range maxSlowest + 2 {
		r.Traces = append(r.Traces, Trace{ID: "e21f6ae56a573eeb10c47ecd6f19ef2f", Seconds: 0.0015 / float64(n+1), Spans: []Span{
			{Name: "GET get_pet", Seconds: 0.0015}, {Name: "route.match", Depth: 1, Seconds: 12.6e-6}, {Name: "query", Depth: 2, Seconds: 1e-3, Error: true}}})
	}
	r.Traces[0].Seq = &seq
	shown := slowest(r)
	require.Len(t, shown.rows, maxSlowest)
	require.Equal(t, 2, shown.left)
	require.Equal(t, []string{"e21f6ae56a573eeb10c47ecd6f19ef2f", "152", "1.5 ms", "GET get_pet as a whole 1.5 ms, route.match 12.6 µs, ›query (failed) 1 ms"}, shown.rows[0].cells)
	require.Equal(t, "–", shown.rows[1].cells[1], "a trace that the load did not begin")
	for _, width := range []int{60, 80, 120} {
		var out bytes.Buffer
		require.NoError(t, Terminal(&out, r, TerminalOptions{Width: width, Full: true}))
		require.Contains(t, out.String(), "Slowest traces")
	}
	require.Empty(t, slowest(Report{}).rows, "none came in")
}
