package assertions

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// quantile is one that an expression takes of a histogram.
type quantile struct {
	q         *parser.NumberLiteral // nil when it is computed
	histogram parser.Expr
}

// quantiles lists the quantiles that the expression takes of histograms.
func (q Query) quantiles() []quantile {
	var found []quantile
	parser.Inspect(q.expr, func(node parser.Node, _ []parser.Node) error {
		call, ok := node.(*parser.Call)
		if !ok || call.Func.Name != "histogram_quantile" || len(call.Args) != 2 {
			return nil
		}
		number, _ := call.Args[0].(*parser.NumberLiteral)
		found = append(found, quantile{number, call.Args[1]})
		return nil
	})
	return found
}

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
	text := b.Expr.text.Value
	text = text[:in.PosRange.Start] + strconv.FormatFloat(q, 'g', -1, 64) + text[in.PosRange.End:]
	answer, err := e.Query(ctx, text, w)
	value, there := byLabels(answer)[keyOf(series)]
	return there && b.Must.judge(value).Verdict == Fail, err
}

// observed returns how many observations the histograms of an expression have in a window, by their labels. The expression's rates are counts a second.
func observed(ctx context.Context, e Evidence, w Window, histogram parser.Expr) ([]Series, error) {
	text := histogram.String()
	if anyCall(histogram, "irate") {
		return nil, nil
	}
	if anyCall(histogram, "rate") {
		text = strings.ReplaceAll(text, "rate(", "increase(")
	}
	answer, err := e.Query(ctx, "histogram_count("+text+")", w) // of a native one; a classic one has none
	if err != nil || len(answer.Series) > 0 || ownHistogram(histogram) {
		return answer.Series, err
	}
	if answer, err = e.Query(ctx, text, w); err != nil {
		return nil, err
	}
	var all []Series
	for _, s := range answer.Series {
		if le, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil && math.IsInf(le, 1) {
			labels := withoutName(s.Labels)
			delete(labels, "le")
			all = append(all, Series{Labels: labels, Value: s.Value})
		}
	}
	return all, nil
}

func anyCall(expr parser.Expr, function string) bool {
	found := false
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if call, ok := node.(*parser.Call); ok && call.Func.Name == function {
			found = true
		}
		return nil
	})
	return found
}

// observations returns how many observations a quantile needs so that it lies among them: 1/(1-q).
func observations(q float64) float64 {
	if q >= 1 || q < 0 {
		return 1
	}
	return math.Ceil(1/(1-q) - 1e-6)
}
