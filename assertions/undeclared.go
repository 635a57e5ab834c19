package assertions

import (
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

func (q Query) unknown(known []string, ignored []Pattern) diag.List {
	var found diag.List
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.expr, func(node parser.Node, _ []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		name := metricName(v)
		matches := func(p Pattern) bool { return p.Matches(name) }
		if name != "" && name != up && !clientSeries(name) && !facts.OfRuntime(family(name)) && !slices.Contains(known, name) && !slices.ContainsFunc(ignored, matches) {
			found = append(found, q.text.ErrorAt(int(v.PosRange.Start), len(name), "the bundled service has no metric %q%s", name, diag.DidYouMean(name, known)))
		}
		return nil
	})
	return found
}
