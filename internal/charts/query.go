package charts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/reports"
)

// querySlices is the number of values of a line in the chart of a query.
const querySlices = 120

// Query returns the chart of an expression over a window: a line for each series, in slices of
// equal length, which range() is. The error is a [diag.Mistake].
func Query(ctx context.Context, store *evidence.Store, w facts.Window, expr string) (reports.Timeline, reports.Panel, error) {
	panel := reports.Panel{ID: "query", Title: expr}
	step := max(w.End.Sub(w.Start)/querySlices, 100*time.Millisecond).Round(time.Millisecond)
	n := int(w.End.Sub(w.Start) / step)
	timeline := reports.Timeline{Zero: w.Start, First: step.Seconds(), Step: step.Seconds(), Slices: n}
	if n < 1 {
		return timeline, panel, diag.Mistakef("window %q is too short for a chart", w.Name)
	}
	slice := strings.ReplaceAll(expr, "range()", fmt.Sprintf("%dms", step.Milliseconds()))
	points, err := store.Range(ctx, slice, w.Start.Add(step), step, n)
	if err != nil {
		return timeline, panel, diag.Mistake{Err: err}
	}
	for _, p := range points {
		panel.Lines = append(panel.Lines, reports.Line{Name: seriesText(p.Labels), Side: reports.Client,
			Values: p.Values})
	}
	return timeline, panel, nil
}

func seriesText(of map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", name, of[name]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}
