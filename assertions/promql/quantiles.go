package promql

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/facts"
)

// quantile is one that an expression takes of a histogram.
type quantile struct {
	Q         *parser.NumberLiteral // nil when it is computed
	Histogram parser.Expr
}

// quantiles lists the quantiles that the expression takes of histograms.
func (q Query) Quantiles() []quantile {
	var found []quantile
	parser.Inspect(q.Expr, func(node parser.Node, _ []parser.Node) error {
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

// observed returns how many observations the histograms of an expression have in a window, by their
// labels. The expression's rates are counts a second.
func Observed(ctx context.Context, e facts.Evidence, w facts.Window, histogram parser.Expr) ([]facts.Series, error) {
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
	var all []facts.Series
	for _, s := range answer.Series {
		if le, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil && math.IsInf(le, 1) {
			labels := facts.WithoutName(s.Labels)
			delete(labels, "le")
			all = append(all, facts.Series{Labels: labels, Value: s.Value})
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
func Observations(q float64) float64 {
	if q >= 1 || q < 0 {
		return 1
	}
	return math.Ceil(1/(1-q) - 1e-6)
}
