package assertions

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/prometheus/prometheus/promql/parser"
)

// few makes those of a budget's findings inconclusive whose quantile has too few observations to lie among them, and enters how many there were. One that
// fails even as the highest quantile that so many have still fails.
func (b *Budget) few(ctx context.Context, e Evidence, w Window, answer Answer, findings []Finding) error {
	for _, quantile := range b.Expr.quantiles() {
		if quantile.q == nil {
			continue
		}
		counted, err := observed(ctx, e, w, quantile.histogram)
		if err != nil {
			return err
		}
		needed := observations(quantile.q.Val)
		for i, s := range answer.Series {
			n, known := 0.0, false
			for _, c := range counted {
				if !disagree(c.Labels, s.Labels) {
					n, known = n+c.Value, true
				}
			}
			f := &findings[i]
			if !known || f.Measured == nil {
				continue
			}
			n = math.Round(n) // an increase that is not anchored is extrapolated
			f.Samples = int(n)
			if n >= needed || n == 0 {
				continue
			}
			if f.Verdict == Fail && n >= 2 {
				stands, err := b.failsAt(ctx, e, w, quantile.q, 1-1/n, s.Labels)
				if err != nil {
					return err
				}
				if stands {
					continue
				}
			}
			if f.Verdict == Pass || f.Verdict == Fail {
				f.Verdict = Inconclusive
			}
			f.Text += fmt.Sprintf("; a quantile of %g needs %s observations, and there are %s", quantile.q.Val, Quantity{Value: needed}, Quantity{Value: n})
		}
	}
	return nil
}

// failsAt reports whether a series still fails with another quantile in the place of one.
func (b *Budget) failsAt(ctx context.Context, e Evidence, w Window, in *parser.NumberLiteral, q float64, series map[string]string) (bool, error) {
	text := b.Expr.Source().Value
	text = text[:in.PosRange.Start] + strconv.FormatFloat(q, 'g', -1, 64) + text[in.PosRange.End:]
	answer, err := e.Query(ctx, text, w)
	value, there := byLabels(answer)[keyOf(series)]
	return there && b.Must.judge(value).Verdict == Fail, err
}
