package promql

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/facts"
)

// tiny is the bound of a bucket of which everything is as good as 0.
const Tiny = "1e-300"

// first is the first bucket of a histogram in an expression.
type First struct {
	Histogram parser.Expr
	Le        string
	Bound     float64
}

// near reports whether two values differ by no more than their rounding.
func Near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))
}

// firsts finds the first buckets of the classic histograms whose quantiles the expression takes.
// Those whose first bound is not above 0 are left out.
func (q Query) Firsts(ctx context.Context, e facts.Evidence, w facts.Window) ([]First, error) {
	var found []First
	for _, quantile := range q.Quantiles() {
		answer, err := e.Query(ctx, "count by (le) ("+quantile.Histogram.String()+")", w)
		if err != nil {
			return nil, err
		}
		f := First{Histogram: quantile.Histogram, Bound: math.Inf(1)}
		for _, s := range answer.Series {
			if bound, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil && bound < f.Bound {
				f.Bound, f.Le = bound, s.Labels["le"]
			}
		}
		if f.Bound > 0 && !math.IsInf(f.Bound, 1) {
			found = append(found, f)
		}
	}
	return found, nil
}

// withFirst returns the expression with other histograms instead of those found.
func (q Query) WithFirst(firsts []First, other func(First) string) string {
	text := q.Text.Value
	slices.SortFunc(firsts, func(a, b First) int {
		return int(b.Histogram.PositionRange().Start) - int(a.Histogram.PositionRange().Start)
	})
	for _, f := range firsts {
		r := f.Histogram.PositionRange()
		text = text[:r.Start] + other(f) + text[r.End:]
	}
	return text
}
