//go:build !notelemetry

package fault

import (
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// memory has what the lies about memory read.
const memory = `# TYPE brrtrouter_handler_allocated_bytes_total counter
brrtrouter_handler_allocated_bytes_total{handler="wait"} 100
brrtrouter_handler_allocated_bytes_total{handler="search"} 7
# TYPE brrtrouter_handler_allocated_objects_total counter
brrtrouter_handler_allocated_objects_total{handler="wait"} 10
brrtrouter_handler_allocated_objects_total{handler="search"} 1
# TYPE go_gc_heap_live_bytes gauge
go_gc_heap_live_bytes 5000
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 9000
`

// toldOf returns what is told when a text is true.
func toldOf(t *testing.T, s *Set, truth string) string {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := parser.TextToMetricFamilies(strings.NewReader(truth))
	require.NoError(t, err)
	var all []*dto.MetricFamily
	for _, name := range append(allocated, "go_gc_heap_live_bytes", "process_resident_memory_bytes") {
		all = append(all, parsed[name])
	}
	return text(t, s.families(all))
}

func TestLiesAboutMemory(t *testing.T) {
	grown := strings.NewReplacer("live_bytes 5000", "live_bytes 8000", "memory_bytes 9000", "memory_bytes 12000").Replace(memory)
	shrunk := strings.ReplaceAll(memory, "live_bytes 5000", "live_bytes 3000")
	for lie, scrapes := range map[string][]struct{ truth, told string }{
		"doubled-allocations=wait": {{memory, strings.NewReplacer(`"wait"} 100`, `"wait"} 200`, `"wait"} 10`, `"wait"} 20`).Replace(memory)}},
		"swapped-allocations=wait,search": {{memory, strings.NewReplacer(`"wait"} 100`, `"wait"} 7`, `"search"} 7`, `"search"} 100`,
			`"wait"} 10`, `"wait"} 1`, `"search"} 1`, `"search"} 10`).Replace(memory)}},
		"forgotten-leak=go_gc_heap_live_bytes": {{memory, memory},
			{grown, strings.ReplaceAll(grown, "live_bytes 8000", "live_bytes 5000")}, {shrunk, shrunk}},
		"frozen-gauge=process_resident_memory_bytes": {{memory, memory},
			{grown, strings.ReplaceAll(grown, "memory_bytes 12000", "memory_bytes 9000")}},
		"doubled-allocations=compute": {{memory, memory}}, // which the exposition does not have
	} {
		s := NewSet()
		require.NoError(t, s.EnableText(lie))
		for _, scrape := range scrapes {
			require.Equal(t, scrape.told, toldOf(t, s, scrape.truth), lie)
		}
	}
	for _, wrong := range []string{"wait", "wait,wait", ",wait", "wait,search,compute"} {
		require.ErrorContains(t, NewSet().Enable("swapped-allocations", wrong), "want two handlers")
	}
	for _, wrong := range []string{"wait,tree", "tree,wait"} {
		require.ErrorContains(t, NewSet().Enable("swapped-allocations", wrong), `no handler "tree"; want one of add_pet, `)
	}
}
