package evidence

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/parser/posrange"
)

// spelled returns the expression with the length of its window in place of range(). The engine
// calculates that in seconds, and cuts it to milliseconds: of 2.03 s it makes 2029 ms, and the window
// begins too late. An expression that cannot be parsed is left to the engine.
func spelled(expr string, length time.Duration) string {
	parsed, err := parsers.ParseExpr(expr)
	if err != nil {
		return expr
	}
	var found []posrange.PositionRange
	var look func(d *parser.DurationExpr)
	look = func(d *parser.DurationExpr) {
		if d == nil {
			return
		}
		if d.Op == parser.RANGE {
			found = append(found, d.PositionRange())
		}
		for _, side := range []parser.Expr{d.LHS, d.RHS} {
			if inner, ok := side.(*parser.DurationExpr); ok {
				look(inner)
			}
		}
	}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			look(n.OriginalOffsetExpr)
		case *parser.MatrixSelector:
			look(n.RangeExpr)
		case *parser.SubqueryExpr:
			look(n.RangeExpr)
			look(n.StepExpr)
			look(n.OriginalOffsetExpr)
		}
		return nil
	})
	slices.SortFunc(found, func(a, b posrange.PositionRange) int { return int(b.Start - a.Start) })
	for _, at := range slices.Compact(found) {
		expr = expr[:at.Start] + fmt.Sprintf("%dms", length.Milliseconds()) + expr[at.End:]
	}
	return expr
}
