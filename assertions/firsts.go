package assertions

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/promql/parser"
)

// tiny is the bound of a bucket of which everything is as good as 0.
const tiny = "1e-300"

// first is the first bucket of a histogram in an expression.
type first struct {
	histogram parser.Expr
	le        string
	bound     float64
}

// near reports whether two values differ by no more than their rounding.
func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))
}

// firsts finds the first buckets of the classic histograms whose quantiles the expression takes. Those whose first bound is not above 0 are left out.
func (q Query) firsts(ctx context.Context, e Evidence, w Window) ([]first, error) {
	var found []first
	for _, quantile := range q.quantiles() {
		answer, err := e.Query(ctx, "count by (le) ("+quantile.histogram.String()+")", w)
		if err != nil {
			return nil, err
		}
		f := first{histogram: quantile.histogram, bound: math.Inf(1)}
		for _, s := range answer.Series {
			if bound, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil && bound < f.bound {
				f.bound, f.le = bound, s.Labels["le"]
			}
		}
		if f.bound > 0 && !math.IsInf(f.bound, 1) {
			found = append(found, f)
		}
	}
	return found, nil
}

// withFirst returns the expression with other histograms in the place of those found.
func (q Query) withFirst(firsts []first, other func(first) string) string {
	text := q.text.Value
	slices.SortFunc(firsts, func(a, b first) int {
		return int(b.histogram.PositionRange().Start) - int(a.histogram.PositionRange().Start)
	})
	for _, f := range firsts {
		r := f.histogram.PositionRange()
		text = text[:r.Start] + other(f) + text[r.End:]
	}
	return text
}
