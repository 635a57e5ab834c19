package checks

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strconv"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// A quantile of a classic histogram that lies in the first bucket is interpolated between 0 and the
// bucket's bound, as if the observations lay evenly between. That was not measured: the quantile is
// at most the bound. So the expression is evaluated with all of the first bucket at 0, and with all
// of it at its bound.

// bound makes those of a budget's findings inconclusive that hold, or fail, only because of where
// in the first bucket a quantile was taken to be. The findings are those of the answer's series, in
// their order.
func (b *Budget) bound(ctx context.Context, e facts.Evidence, w facts.Window, answer facts.Answer,
	findings []assertions.Finding) error {
	firsts, err := b.Expr.Firsts(ctx, e, w)
	if err != nil || len(firsts) == 0 {
		return err
	}
	low, err := e.Query(ctx, b.Expr.WithFirst(firsts, func(f promql.First) string {
		return fmt.Sprintf(`(%s or label_replace(%s, "le", %q, "le", %q))`, f.Histogram, f.Histogram, promql.Tiny,
			regexp.QuoteMeta(f.Le))
	}), w)
	if err != nil {
		return err
	}
	high, err := e.Query(ctx, b.Expr.WithFirst(firsts, func(f promql.First) string {
		right := strconv.FormatFloat(math.Nextafter(f.Bound, 0), 'g', -1, 64)
		return fmt.Sprintf(`(%s or label_replace(0 * %s, "le", %q, "le", %q))`, f.Histogram, f.Histogram, right,
			regexp.QuoteMeta(f.Le))
	}), w)
	if err != nil {
		return err
	}
	lows, highs := facts.ByLabels(low), facts.ByLabels(high)
	for i, s := range answer.Series {
		f, key := &findings[i], facts.KeyOf(s.Labels)
		l, there := lows[key]
		h, both := highs[key]
		if !there || !both || f.Measured == nil || promql.Near(l, s.Value) && promql.Near(h, s.Value) {
			continue
		}
		f.Text += "; a quantile lies in the first bucket, at most " + quantity.Of(firsts[0].Bound,
			promql.UnitOf(firsts[0].Histogram)).String()
		if b.Must.Compare(l).Verdict != f.Verdict || b.Must.Compare(h).Verdict != f.Verdict {
			f.Verdict = assertions.Inconclusive
		}
	}
	return nil
}
