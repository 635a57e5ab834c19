package checks

import (
	"context"
	"maps"
	"math"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// unclamp makes those of a budget's findings inconclusive that hold, or fail, only because a
// quantile was clamped to the last finite bound. The findings are those of the answer's series, in
// their order.
func (b *Budget) unclamp(ctx context.Context, e facts.Evidence, w facts.Window, answer facts.Answer,
	findings []assertions.Finding) ([]assertions.Finding, error) {
	expr, histograms := b.Expr.Unclamped()
	if len(histograms) == 0 {
		return findings, nil
	}
	lifted, err := e.Query(ctx, expr, w)
	if err != nil {
		return nil, err
	}
	other := map[facts.LabelSet]facts.Series{}
	for _, s := range lifted.Series {
		other[facts.KeyOf(s.Labels)] = s
	}
	for i, s := range answer.Series {
		f, key := &findings[i], facts.KeyOf(s.Labels)
		o, there := other[key]
		delete(other, key)
		if there && (o.Value == s.Value || math.IsNaN(o.Value) && math.IsNaN(s.Value)) {
			continue
		}
		if !there || b.Must.Compare(o.Value).Verdict != f.Verdict {
			f.Verdict = assertions.Inconclusive
		}
		why, err := promql.AboveLast(ctx, e, w, histograms, s.Labels)
		if err != nil {
			return nil, err
		}
		f.Text += "; " + why
	}
	for _, key := range slices.Sorted(maps.Keys(other)) { // a comparison in the expression left these out
		series := facts.WithoutName(other[key].Labels)
		why, err := promql.AboveLast(ctx, e, w, histograms, series)
		if err != nil {
			return nil, err
		}
		findings = append(findings, assertions.Finding{Verdict: assertions.Inconclusive, Series: series,
			Text: facts.Prefix(series, why+": whether there is a value is not known")})
	}
	return findings, nil
}
