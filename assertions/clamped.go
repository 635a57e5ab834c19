package assertions

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// A quantile of a classic histogram that lies in the last bucket, the one up to +Inf, is given as the bound below it: 100 ms, whether the service took 101 ms
// or a minute. Whether that decides a verdict shows when the expression is evaluated a second time, with the last bucket ending at a bound that is
// finite and immense. A quantile that lies below is the same both times; a verdict that changes rested on what nobody measured.

// immense is the bound at which the last bucket ends the second time.
const immense = "1e+300"

// unclamped gives the expression in which no quantile is clamped to the last finite bound, and the histograms whose quantiles it takes. There are none when
// all of them are the client's own, which are native and have no last bucket.
func (q Query) unclamped() (expr string, histograms []parser.Expr) {
	root, err := promQL.ParseExpr(q.text.Value) // anew: it is changed
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
			lifted, err := promQL.ParseExpr(fmt.Sprintf(`(label_replace(%s, "le", %q, "le", "[+]Inf") or %s)`, arg, immense, arg))
			if err != nil {
				return err
			}
			call.Args[i] = lifted
		}
		return nil
	})
	return root.String(), histograms
}

// ownHistogram tells whether an expression reads nothing but the client's series.
func ownHistogram(expr parser.Expr) bool {
	own := true
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok && !clientSeries(metricName(v)) {
			own = false
		}
		return nil
	})
	return own
}

// unclamp makes those of a budget's findings inconclusive that hold, or fail, only because a quantile was clamped to the last finite bound. The findings are those
// of the answer's series, in their order.
func (b *Budget) unclamp(ctx context.Context, e Evidence, w Window, answer Answer, findings []Finding) ([]Finding, error) {
	expr, histograms := b.Expr.unclamped()
	if len(histograms) == 0 {
		return findings, nil
	}
	lifted, err := e.Query(ctx, expr, w)
	if err != nil {
		return nil, err
	}
	other := map[labelSet]Series{}
	for _, s := range lifted.Series {
		other[keyOf(s.Labels)] = s
	}
	for i, s := range answer.Series {
		f, key := &findings[i], keyOf(s.Labels)
		o, there := other[key]
		delete(other, key)
		if there && (o.Value == s.Value || math.IsNaN(o.Value) && math.IsNaN(s.Value)) {
			continue
		}
		if !there || b.Must.judge(o.Value).Verdict != f.Verdict {
			f.Verdict = Inconclusive
		}
		why, err := above(ctx, e, w, histograms, s.Labels)
		if err != nil {
			return nil, err
		}
		f.Text += "; " + why
	}
	for _, key := range slices.Sorted(maps.Keys(other)) { // a comparison in the expression left these out
		series := withoutName(other[key].Labels)
		why, err := above(ctx, e, w, histograms, series)
		if err != nil {
			return nil, err
		}
		findings = append(findings, Finding{Verdict: Inconclusive, Series: series, Text: prefix(series, why+": whether there is a value is not known")})
	}
	return findings, nil
}

// tail is what a classic histogram counted, and where its buckets end.
type tail struct{ bound, below, total float64 }

// above says how much of the histograms that a series is about lies above their last finite bound.
func above(ctx context.Context, e Evidence, w Window, histograms []parser.Expr, series map[string]string) (string, error) {
	var most tail
	unit := ""
	for _, h := range histograms {
		answer, err := e.Query(ctx, h.String(), w)
		if err != nil {
			return "", err
		}
		for _, t := range tails(answer, series) {
			if most.total == 0 || t.below/t.total < most.below/most.total {
				most, unit = t, unitOf(h)
			}
		}
	}
	switch bound := (Quantity{most.bound, unit}); {
	case most.total == 0:
		return "a quantile lies above the last bucket, and how far above is not known", nil
	case most.below >= most.total: // it was so at some time within the window
		return fmt.Sprintf("a quantile lay above the last bucket, which ends at %s, and how far above is not known", bound), nil
	default:
		return fmt.Sprintf("%s of observations lie above the last bucket, which ends at %s, and how far above is not known",
			Quantity{1 - most.below/most.total, "ratio"}, bound), nil
	}
}

// tails gives what there is to know of the last bucket of every histogram of an answer that agrees with the labels of a series.
func tails(answer Answer, series map[string]string) map[labelSet]tail {
	found := map[labelSet]tail{}
	for _, s := range answer.Series {
		bound, err := strconv.ParseFloat(s.Labels["le"], 64)
		if err != nil || disagree(s.Labels, series) {
			continue
		}
		labels := maps.Clone(s.Labels)
		delete(labels, "le")
		key := keyOf(labels)
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
	maps.DeleteFunc(found, func(_ labelSet, t tail) bool { return t.total <= 0 || math.IsInf(t.bound, -1) })
	return found
}

// disagree tells whether two sets of labels have a label with different values.
func disagree(a, b map[string]string) bool {
	for name, value := range a {
		if other, both := b[name]; both && other != value {
			return true
		}
	}
	return false
}

// unitOf gives the unit that the name of a histogram tells.
func unitOf(histogram parser.Expr) string {
	unit := ""
	parser.Inspect(histogram, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok {
			switch name := family(metricName(v)); {
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

// clamped tells whether an alert that was quiet, or that fired, only did so because a quantile was clamped to the last finite bound, and says why.
func (a *Alert) clamped(ctx context.Context, e Evidence, w Window, answer Answer) (string, bool, error) {
	expr, histograms := a.seen.unclamped()
	if len(histograms) == 0 {
		return "", false, nil
	}
	lifted, err := e.Query(ctx, a.firing(expr), w)
	if err != nil || len(answer.Series) > 0 == (len(lifted.Series) > 0) {
		return "", false, err
	}
	why, err := above(ctx, e, w, histograms, nil)
	return why + ": whether the alert fires is not known", true, err
}
