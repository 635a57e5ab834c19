package promql

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// keepsLabels are the aggregations whose values have other labels than those that they are by.
var keepsLabels = map[parser.ItemType]bool{parser.TOPK: true, parser.BOTTOMK: true, parser.LIMITK: true,
	parser.LIMIT_RATIO: true, parser.COUNT_VALUES: true}

// grouping gives the labels that the query's outermost aggregation is by, sorted, and false when it
// is no aggregation by labels.
func (q Query) Grouping() ([]string, bool) {
	if q.IsZero() {
		return nil, false
	}
	expr := q.Expr
	for {
		inner, ok := expr.(*parser.ParenExpr)
		if !ok {
			break
		}
		expr = inner.Expr
	}
	aggregation, ok := expr.(*parser.AggregateExpr)
	if !ok || aggregation.Without || keepsLabels[aggregation.Op] {
		return nil, false
	}
	return slices.Sorted(slices.Values(aggregation.Grouping)), true
}

// sameGrouping reports whether both sides are aggregated by the same labels.
func SameGrouping(client, server Query) bool {
	c, known := client.Grouping()
	s, both := server.Grouping()
	return known && both && slices.Equal(c, s)
}
