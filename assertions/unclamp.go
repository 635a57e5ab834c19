package assertions

import (
	"context"
	"maps"
	"math"
	"slices"
)

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
