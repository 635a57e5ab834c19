package assertions

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// A quantile of a classic histogram that lies in the first bucket is interpolated between 0 and the bucket's bound, as if the observations lay evenly
// between. Nobody measured that: the quantile is at most the bound. So the expression is evaluated with all of the first bucket at 0, and with all of it
// at its bound.

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
