package assertions

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/promql/parser"
)

// A quantile of a classic histogram that lies in the first bucket is interpolated between 0 and the bucket's bound, as if the observations lay evenly
// between. Nobody measured that: the quantile is at most the bound. So the expression is evaluated with all of the first bucket at 0, and with all of it
// at its bound.

// tiny is the bound of a bucket of which everything is as good as 0.
const tiny = "1e-300"

// first is the first bucket of a histogram in an expression.
type first struct {
	histogram parser.Expr
	le        string
	bound     float64
}

// bound makes those of a budget's findings inconclusive that hold, or fail, only because of where in the first bucket a quantile was taken to be. The
// findings are those of the answer's series, in their order.
func (b *Budget) bound(ctx context.Context, e Evidence, w Window, answer Answer, findings []Finding) error {
	firsts, err := b.Expr.firsts(ctx, e, w)
	if err != nil || len(firsts) == 0 {
		return err
	}
	low, err := e.Query(ctx, b.Expr.withFirst(firsts, func(f first) string {
		return fmt.Sprintf(`(%s or label_replace(%s, "le", %q, "le", %q))`, f.histogram, f.histogram, tiny, regexp.QuoteMeta(f.le))
	}), w)
	if err != nil {
		return err
	}
	high, err := e.Query(ctx, b.Expr.withFirst(firsts, func(f first) string {
		right := strconv.FormatFloat(math.Nextafter(f.bound, 0), 'g', -1, 64)
		return fmt.Sprintf(`(%s or label_replace(0 * %s, "le", %q, "le", %q))`, f.histogram, f.histogram, right, regexp.QuoteMeta(f.le))
	}), w)
	if err != nil {
		return err
	}
	lows, highs := byLabels(low), byLabels(high)
	for i, s := range answer.Series {
		f, key := &findings[i], keyOf(s.Labels)
		l, there := lows[key]
		h, both := highs[key]
		if !there || !both || f.Measured == nil || near(l, s.Value) && near(h, s.Value) {
			continue
		}
		f.Text += "; a quantile lies in the first bucket, at most " + Quantity{firsts[0].bound, unitOf(firsts[0].histogram)}.String()
		if b.Must.judge(l).Verdict != f.Verdict || b.Must.judge(h).Verdict != f.Verdict {
			f.Verdict = Inconclusive
		}
	}
	return nil
}

// near reports whether two values differ by no more than their rounding.
func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))
}

func byLabels(a Answer) map[labelSet]float64 {
	values := map[labelSet]float64{}
	for _, s := range a.Series {
		values[keyOf(s.Labels)] = s.Value
	}
	return values
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
