package reports

import (
	"fmt"
	"strings"

	"brrtload/internal/quantity"
)

// maxSlowest is how many of the slowest traces are shown; result.json has them all.
const maxSlowest = 5

// slowest shows what the slowest traces spent their time on. Indentation is not for a cell: a span
// below another than the root stands with an angle before it.
func slowest(r Report) table {
	t := table{title: "Slowest traces", columns: []column{{"trace", false}, {"hit", true}, {"took", true},
		{"of which", false}}, spare: []int{0}}
	for i, trace := range r.Traces {
		if i == maxSlowest {
			t.left = len(r.Traces) - maxSlowest
			break
		}
		hit := "–"
		if trace.Seq != nil {
			hit = fmt.Sprint(*trace.Seq)
		}
		t.add(0, line(trace.ID, nameWidth), hit, quantity.Seconds(trace.Seconds), line(parts(trace), 300))
	}
	return t
}

// parts lists the spans below the root, in the order in which they began.
func parts(t Trace) string {
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
