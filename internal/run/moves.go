package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"brrtload/internal/diag"
	"brrtload/internal/quantity"
	"brrtload/internal/scrape"
)

// maxMoves is how many counters a note names.
const maxMoves = 5

// moves writes a few movements as a list. The parts of histograms and summaries but their counts
// are left out.
func moves(of []scrape.Movement) string {
	of = slices.DeleteFunc(slices.Clone(of), func(m scrape.Movement) bool {
		name := m.Series.Get(model.MetricNameLabel)
		return strings.HasSuffix(name, "_bucket") || strings.HasSuffix(name, "_sum")
	})
	var list []string
	for _, m := range of[:min(len(of), maxMoves)] {
		list = append(list, fmt.Sprintf("%s by %s/s", diag.Printable(m.Name()), quantity.Count(m.Rate)))
	}
	if more := len(of) - maxMoves; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return names(list)
}

// names writes a few names as a list.
func names(of []string) string { return strings.Join(of, ", ") }
