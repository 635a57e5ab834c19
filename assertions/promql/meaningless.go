package promql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/diag"
)

// meaningless finds what PromQL accepts and what can have no meaning: quantiles beyond 1, classic
// histograms without their buckets' bounds, dollar signs that were to be references.
func (q Query) Meaningless() diag.List {
	var found diag.List
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.Expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.AggregateExpr:
			if n.Op == parser.QUANTILE {
				found = append(found, q.beyond(n.Param)...)
			}
		case *parser.Call:
			switch {
			case n.Func.Name == "histogram_quantile" && len(n.Args) == 2:
				found = append(found, q.beyond(n.Args[0])...)
				found = append(found, q.withoutBounds(n.Args[1])...)
			case n.Func.Name == "quantile_over_time" && len(n.Args) == 2:
				found = append(found, q.beyond(n.Args[0])...)
			case n.Func.Name == "label_replace" && len(n.Args) == 5 && strings.Contains(text(n.Args[2]), "$$"):
				found = append(found, q.ErrorAt(n.Args[2].PositionRange(),
					`"$$" stands for a dollar sign; write ${1} for the first group, and $${1} in a scenario`))
			}
		}
		return nil
	})
	return found
}

// beyond finds a quantile that is not between 0 and 1.
func (q Query) beyond(e parser.Expr) diag.List {
	inner := e
	for p, ok := inner.(*parser.ParenExpr); ok; p, ok = inner.(*parser.ParenExpr) {
		inner = p.Expr
	}
	n, ok := inner.(*parser.NumberLiteral)
	if !ok || n.Val >= 0 && n.Val <= 1 {
		return nil
	}
	text := fmt.Sprintf("a quantile lies between 0 and 1, got %s", strconv.FormatFloat(n.Val, 'g', -1, 64))
	if n.Val > 1 && n.Val <= 100 {
		text += fmt.Sprintf("; write %s", strconv.FormatFloat(n.Val/100, 'g', -1, 64))
	}
	return diag.List{q.ErrorAt(e.PositionRange(), text)}
}

// withoutBounds finds an aggregation of a classic histogram's buckets that drops their bounds.
func (q Query) withoutBounds(e parser.Expr) diag.List {
	var found diag.List
	parser.Inspect(e, func(node parser.Node, path []parser.Node) error {
		a, ok := node.(*parser.AggregateExpr)
		if !ok || slices.ContainsFunc(path, isBinary) || slices.Contains(a.Grouping, labels.BucketLabel) != a.Without ||
			!reads(a, isBucket) {
			return nil
		}
		found = append(found, q.ErrorAt(a.PositionRange(),
			"the aggregation drops le, which has the bounds of the buckets; write sum by (le) (...)"))
		return nil
	})
	return found
}

func isBinary(node parser.Node) bool {
	_, ok := node.(*parser.BinaryExpr)
	return ok
}

func isBucket(metric string) bool { return strings.HasSuffix(metric, "_bucket") }
