package promql

import (
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

func (q Query) Unknown(known []string, ignored []diag.Pattern) diag.List {
	var found diag.List
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.Expr, func(node parser.Node, _ []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		name := MetricName(v)
		matches := func(p diag.Pattern) bool { return p.Matches(name) }
		if name != "" && name != up && !facts.OfClient(name) && !facts.OfRuntime(facts.FamilyOf(name)) &&
			!slices.Contains(known, name) && !slices.ContainsFunc(ignored, matches) {
			found = append(found, q.Text.ErrorAt(int(v.PosRange.Start), len(name),
				"the bundled service has no metric %q%s", name, diag.DidYouMean(name, known)))
		}
		return nil
	})
	return found
}
