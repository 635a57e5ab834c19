package promql

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// up is the series that Prometheus makes of every scrape: 1 when it was read, 0 when it failed.
const up = "up"

// anyTarget returns the query with selectors on up that match whatever the labels of the target
// are: a Prometheus server's configuration gives job, instance and the like, and is not known here.
func (q Query) AnyTarget() Query {
	if !slices.Contains(q.Metrics(), up) {
		return q
	}
	root, err := PromQL.ParseExpr(q.Text.Value) // anew: it is changed
	if err != nil {
		return q // reported before
	}
	parser.Inspect(root, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok && MetricName(v) == up {
			v.LabelMatchers = slices.DeleteFunc(slices.Clone(v.LabelMatchers), func(m *labels.Matcher) bool { return m.Name != model.MetricNameLabel })
		}
		return nil
	})
	return Must(root.String())
}
