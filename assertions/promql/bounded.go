package promql

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"
)

// The largest expression that is taken: a look at all parts of one that nests n deep, as a chain of
// n operators does, costs the square of n.
const (
	longestExpression = 32 << 10 // bytes
	deepestExpression = 5000     // levels
)

// boundedParser is a parser that refuses expressions too large to be looked at in short time.
type boundedParser struct{ parser.Parser }

// ParseExpr implements [parser.Parser].
func (p boundedParser) ParseExpr(input string) (parser.Expr, error) {
	if len(input) > longestExpression {
		return nil, fmt.Errorf(
			"an expression of %d bytes, longer than %d; record parts of it with a rule of the service's Prometheus, or split the budget",
			len(input),
			longestExpression,
		)
	}
	expr, err := p.Parser.ParseExpr(input)
	if err != nil {
		return nil, err
	}
	if deeper(expr, deepestExpression) {
		return nil, fmt.Errorf(
			"an expression nests more than %d deep, and each operator of a chain is a level; split it",
			deepestExpression,
		)
	}
	return expr, nil
}

// deeper reports whether a node has descendants more than this many levels below it.
func deeper(node parser.Node, levels int) bool {
	if levels < 0 {
		return true
	}
	for child := range parser.ChildrenIter(node) {
		if deeper(child, levels-1) {
			return true
		}
	}
	return false
}
