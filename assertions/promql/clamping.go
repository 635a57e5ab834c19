package promql

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// immense is the bound at which the last bucket ends the second time.
const immense = "1e+300"

// unclamped gives the expression in which no quantile is clamped to the last finite bound, and the
// histograms whose quantiles it takes. There are none when all of them are the client's own, which
// are native and have no last bucket.
func (q Query) Unclamped() (expr string, histograms []parser.Expr) {
	root, err := PromQL.ParseExpr(q.Text.Value) // anew: it is changed
	if err != nil {
		return "", nil // an expression that does not parse was reported
	}
	parser.Inspect(root, func(node parser.Node, _ []parser.Node) error {
		call, ok := node.(*parser.Call)
		if !ok || call.Func.Name != "histogram_quantile" && call.Func.Name != "histogram_quantiles" {
			return nil
		}
		for i, arg := range call.Args {
			if arg.Type() != parser.ValueTypeVector || ownHistogram(arg) {
				continue
			}
			histograms = append(histograms, arg)
			lifted, err := PromQL.ParseExpr(fmt.Sprintf(`(label_replace(%s, "le", %q, "le", "[+]Inf") or %s)`, arg,
				immense, arg))
			if err != nil {
				return err
			}
			call.Args[i] = lifted
		}
		return nil
	})
	return root.String(), histograms
}

// tail is what a classic histogram counted, and where its buckets end.
type tail struct{ bound, below, total float64 }

// above says how much of the histograms that a series is about lies above their last finite bound.
func AboveLast(ctx context.Context, e facts.Evidence, w facts.Window, histograms []parser.Expr,
	series map[string]string) (string, error) {
	var most tail
	unit := ""
	for _, h := range histograms {
		answer, err := e.Query(ctx, h.String(), w)
		if err != nil {
			return "", err
		}
		for _, t := range tails(answer, series) {
			if most.total == 0 || t.below/t.total < most.below/most.total {
				most, unit = t, UnitOf(h)
			}
		}
	}
	switch bound := (quantity.Of(most.bound, unit)); {
	case most.total == 0:
		return "a quantile lies above the last bucket, and how far above is not known", nil
	case most.below >= most.total: // it was so at some time within the window
		return fmt.Sprintf("a quantile lay above the last bucket, which ends at %s, and how far above is not known",
			bound), nil
	default:
		return fmt.Sprintf("%s of observations lie above the last bucket, which ends at %s, and how far above is not known",
			quantity.Of(1-most.below/most.total, "ratio"), bound), nil
	}
}

// tails returns what there is to know of the last bucket of every histogram of an answer that
// agrees with the labels of a series.
func tails(answer facts.Answer, series map[string]string) map[facts.LabelSet]tail {
	found := map[facts.LabelSet]tail{}
	for _, s := range answer.Series {
		bound, err := strconv.ParseFloat(s.Labels["le"], 64)
		if err != nil || facts.Disagree(s.Labels, series) {
			continue
		}
		labels := maps.Clone(s.Labels)
		delete(labels, "le")
		key := facts.KeyOf(labels)
		t, there := found[key]
		if !there {
			t.bound = math.Inf(-1)
		}
		if math.IsInf(bound, 1) {
			t.total = s.Value
		} else if bound > t.bound {
			t.bound, t.below = bound, s.Value
		}
		found[key] = t
	}
	maps.DeleteFunc(found, func(_ facts.LabelSet, t tail) bool { return t.total <= 0 || math.IsInf(t.bound, -1) })
	return found
}

// unitOf gives the unit that the name of a histogram tells.
func UnitOf(histogram parser.Expr) string {
	unit := ""
	parser.Inspect(histogram, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok {
			switch name := facts.FamilyOf(MetricName(v)); {
			case strings.HasSuffix(name, "_seconds"):
				unit = "s"
			case strings.HasSuffix(name, "_bytes"):
				unit = "B"
			}
		}
		return nil
	})
	return unit
}
