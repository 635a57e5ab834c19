package terminal

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
	"brrtload/reports/internal/sample"
	"brrtload/reports/tables"
)

func TestSlowestTracesAreShown(t *testing.T) {
	seq := uint64(152)
	r := sample.Run()
	r.Traces = nil
	for n := range tables.MaxSlowest + 2 {
		r.Traces = append(r.Traces, reports.Trace{ID: "e21f6ae56a573eeb10c47ecd6f19ef2f", Seconds: 0.0015 / float64(n+1), Spans: []reports.Span{
			{Name: "GET get_pet", Seconds: 0.0015}, {Name: "route.match", Depth: 1, Seconds: 12.6e-6}, {Name: "query", Depth: 2, Seconds: 1e-3, Error: true}}})
	}
	r.Traces[0].Seq = &seq
	shown := tables.Slowest(r)
	require.Len(t, shown.Rows, tables.MaxSlowest)
	require.Equal(t, 2, shown.Left)
	require.Equal(t, []string{"e21f6ae56a573eeb10c47ecd6f19ef2f", "152", "1.5 ms", "GET get_pet as a whole 1.5 ms, route.match 12.6 µs, ›query (failed) 1 ms"}, shown.Rows[0].Cells)
	require.Equal(t, "–", shown.Rows[1].Cells[1], "a trace that the load did not begin")
	for _, width := range []int{60, 80, 120} {
		var out bytes.Buffer
		require.NoError(t, Write(&out, r, Options{Width: width, Full: true}))
		require.Contains(t, out.String(), "Slowest traces")
	}
	require.Empty(t, tables.Slowest(reports.Report{}).Rows, "none came in")
}
