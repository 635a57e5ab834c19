package tables

import (
	"fmt"
	"strings"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// MaxSlowest is how many of the slowest traces are shown; result.json has them all.
const MaxSlowest = 5

// Slowest shows what the slowest traces spent their time on. Indentation is not for a cell: a span
// below another than the root stands with an angle before it.
func Slowest(r reports.Report) Table {
	t := Table{Title: "Slowest traces", Columns: []Column{{"trace", false}, {"hit", true}, {"took", true},
		{"of which", false}}, Spare: []int{0}}
	for i, trace := range r.Traces {
		if i == MaxSlowest {
			t.Left = len(r.Traces) - MaxSlowest
			break
		}
		hit := "–"
		if trace.Seq != nil {
			hit = fmt.Sprint(*trace.Seq)
		}
		t.Add(0, fit.Line(trace.ID, fit.NameWidth), hit, quantity.Seconds(trace.Seconds), fit.Line(parts(trace), 300))
	}
	return t
}

// parts lists the spans below the root, in the order in which they began.
func parts(t reports.Trace) string {
	var all []string
	for _, s := range t.Spans {
		name := strings.Repeat("›", max(0, s.Depth-1)) + s.Name
		if s.Error {
			name += " (failed)"
		}
		if s.Depth == 0 {
			name += " as a whole"
		}
		all = append(all, name+" "+quantity.Seconds(s.Seconds))
	}
	return strings.Join(all, ", ")
}
