package promql

import (
	"context"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/facts"
)

// sumOf returns the value of a query, each summand by itself: one that reads nothing but the
// client's series, and is empty, is 0, because the client knows what did not happen. Of another
// that is empty it returns what is missing.
func SumOf(ctx context.Context, e facts.Evidence, w facts.Window, q Query) (sum float64, missing string, err error) {
	for _, part := range q.summands() {
		value, known, err := Single(ctx, e, w, part)
		if err != nil {
			return 0, "", err
		}
		if !known && !ownHistogram(part.Expr) {
			absent, err := Unmatched(ctx, e, w, part)
			if len(absent) == 0 {
				absent = []string{part.String() + " has no single value"}
			}
			return 0, strings.Join(absent, "; "), err
		}
		sum += value
	}
	return sum, "", nil
}

// summands splits a query at its outermost additions.
func (q Query) summands() []Query {
	if q.IsZero() {
		return nil
	}
	switch expr := q.Expr.(type) {
	case *parser.ParenExpr:
		return Must(expr.Expr.String()).summands()
	case *parser.BinaryExpr:
		if expr.Op == parser.ADD && expr.Type() == parser.ValueTypeVector {
			return slices.Concat(Must(expr.LHS.String()).summands(), Must(expr.RHS.String()).summands())
		}
	}
	return []Query{q}
}
