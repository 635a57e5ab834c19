package promql

import (
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/facts"
)

// OfEndpoint returns the query with the series of one endpoint alone; the client's own series stay
// as they are.
func (q Query) OfEndpoint(name string) Query {
	if name == facts.Target { // its series have no such label
		name = ""
	}
	root, err := PromQL.ParseExpr(q.Text.Value) // anew: it is changed
	if err != nil {
		return q // reported before
	}
	only := labels.MustNewMatcher(labels.MatchEqual, "endpoint", name)
	parser.Inspect(root, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok && !facts.OfClient(MetricName(v)) {
			v.LabelMatchers = append(v.LabelMatchers, only)
		}
		return nil
	})
	return Must(root.String())
}
