package checks

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// few makes those of a budget's findings inconclusive whose quantile has too few observations to
// lie among them, and enters how many there were. One that fails even as the highest quantile that
// so many have still fails.
func (b *Budget) few(ctx context.Context, e facts.Evidence, w facts.Window, answer facts.Answer,
	findings []assertions.Finding) error {
	for _, quantile := range b.Expr.Quantiles() {
		if quantile.Q == nil {
			continue
		}
		counted, err := promql.Observed(ctx, e, w, quantile.Histogram)
		if err != nil {
			return err
		}
		needed := promql.Observations(quantile.Q.Val)
		for i, s := range answer.Series {
			n, known := 0.0, false
			for _, c := range counted {
				if !facts.Disagree(c.Labels, s.Labels) {
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
			if f.Verdict == assertions.Fail && n >= 2 {
				stands, err := b.failsAt(ctx, e, w, quantile.Q, 1-1/n, s.Labels)
				if err != nil {
					return err
				}
				if stands {
					continue
				}
			}
			if f.Verdict == assertions.Pass || f.Verdict == assertions.Fail {
				f.Verdict = assertions.Inconclusive
			}
			f.Text += fmt.Sprintf("; a quantile of %g needs %s observations, and there are %s; send more in this window", quantile.Q.Val,
				quantity.Quantity{Value: needed}, quantity.Quantity{Value: n})
		}
	}
	return nil
}

// failsAt reports whether a series still fails with another quantile instead of one.
func (b *Budget) failsAt(ctx context.Context, e facts.Evidence, w facts.Window, in *parser.NumberLiteral, q float64,
	series map[string]string) (bool, error) {
	text := b.Expr.Source().Value
	text = text[:in.PosRange.Start] + strconv.FormatFloat(q, 'g', -1, 64) + text[in.PosRange.End:]
	answer, err := e.Query(ctx, text, w)
	value, there := facts.ByLabels(answer)[facts.KeyOf(series)]
	return there && b.Must.Compare(value).Verdict == assertions.Fail, err
}
