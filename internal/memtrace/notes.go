package memtrace

import (
	"fmt"

	"brrtload/internal/quantity"
	"brrtload/reports"
)

// Notes says in sentences what the figures of the memory are, and are not.
func Notes(m *reports.Memory) (notes []string) {
	note := func(format string, args ...any) { notes = append(notes, "memory: "+fmt.Sprintf(format, args...)) }
	if m.Lost != "" {
		note("what %s saw could not be read: %s", m.Tool, m.Lost)
		return notes
	}
	if m.Slowed {
		note("the target ran under %s: times, CPU and sizes of the process are those of a slowed one; counts are its own", m.Tool)
	}
	if m.WholeProcess {
		note("%s knows totals at the end of the process alone: its start and its end are in the figures, divided by %d hits",
			m.Tool, m.Hits)
	}
	if m.Peak > 0 {
		note("the most that was live at once: %s", quantity.Bytes(m.Peak))
	}
	for _, what := range m.Unseen {
		note("%s", what)
	}
	return notes
}
