package checks

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Budget is a PromQL expression every value of which must stay within limits, in one window of the
// run.
type Budget struct {
	At        diag.Position        `yaml:",position"`
	ID        string               `yaml:"id,required"`
	Expr      promql.Query         `yaml:"expr,required"` // PromQL; every value that it gives must keep to the limits
	Must      assertions.Limits    `yaml:"must,required"` // one or two comparisons with a number and a unit: "< 250ms", [">= 1", "< 64"]
	In        diag.Text            `yaml:"in"`            // the window's name; steady when empty
	OnMissing assertions.OnMissing `yaml:"on_missing"`    // what nothing at all means: fail by default
	Severity  assertions.Severity  `yaml:"severity"`
	Why       string               `yaml:"why"`
	// ForEach names labels: every combination of their values that any part of the expression has
	// must be in the result.
	ForEach []promql.LabelName `yaml:"for_each"`
	Abort   assertions.Abort   `yaml:"abort_on_fail"` // false: a breach is found when the run is over
}

// UnmarshalNode implements diag.Unmarshaler.
func (b *Budget) UnmarshalNode(n diag.Node) error {
	type fields Budget
	f := fields{In: diag.Text{Value: facts.Steady}, Severity: assertions.Failing}
	err := n.Decode(&f)
	*b = Budget(f)
	if err != nil {
		return err
	}
	var found diag.List
	if d, ok := b.Expr.Substitutes(`say "on_missing: zero" when nothing counts as 0`); ok &&
		b.OnMissing != assertions.ZeroWhenMissing {
		found = append(found, d)
	}
	if b.Abort.On && b.Severity == assertions.Warning {
		found = append(found, n.Errorf(`a warning ends no run: leave out "abort_on_fail", or "severity: warn"`))
	}
	if place, ok := n.Get("for_each"); ok {
		for _, name := range b.ForEach {
			if by, only := b.Expr.Grouping(); only && !slices.Contains(by, string(name)) {
				found = append(found,
					place.Errorf("no value can have the label %q: the expression aggregates by (%s)%s", name,
						strings.Join(by, ", "), diag.DidYouMean(string(name), by)))
			}
		}
	}
	return found.Err()
}

// About implements Assertion.
func (b *Budget) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: b.ID, Kind: "budget", Why: b.Why, Severity: b.Severity,
		Window: b.In.Value, Query: b.Expr.String(),
		Position: b.At, Metrics: b.Expr.Metrics()}, Bearing: assertions.Bearing{Queries: []promql.Query{b.Expr},
		In: b.In, Limits: b.Must, Abort: b.Abort,
		RestsOnTelemetry: true, MayBeMissing: b.OnMissing == assertions.PassWhenMissing}}

}

// Judge implements Assertion.
func (b *Budget) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(b.In.Value)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	if text, _ := b.About().TooLong(w.End.Sub(w.Start)); text != "" {
		return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: text}}, nil
	}
	if f, ok, err := b.unfit(ctx, e, w); err != nil || ok {
		return []assertions.Finding{f}, err
	}
	missing, err := promql.Unmatched(ctx, e, w, b.Expr)
	if err != nil {
		return nil, err
	}
	answer, err := e.Query(ctx, b.Expr.String(), w)
	if err != nil {
		return nil, err
	}
	findings, err := b.unclamp(ctx, e, w, answer, b.values(answer))
	if err != nil {
		return nil, err
	}
	if err := b.bound(ctx, e, w, answer, findings); err != nil {
		return nil, err
	}
	if err := b.few(ctx, e, w, answer, findings); err != nil {
		return nil, err
	}
	if len(b.ForEach) > 0 {
		absent, err := b.absent(ctx, e, w, answer)
		if err != nil {
			return nil, err
		}
		findings = append(findings, absent...)
	}
	if len(findings) == 0 && len(missing) == 0 {
		missing = []string{"the expression has no value in " + w.Name}
	}
	// One sentence for all that is missing: a budget whose every selector is misspelt is one
	// mistake more often than several.
	if len(missing) > 0 {
		findings = append(findings, b.missing(nil, strings.Join(missing, "; ")))
	}
	return assertions.Bounded(append(findings, assertions.Warned(answer)...)), nil
}

// unfit returns the finding of a budget that reads what is not exposed. That nothing counts as 0 is
// said of a metric that is there.
func (b *Budget) unfit(ctx context.Context, e facts.Evidence, w facts.Window) (assertions.Finding, bool, error) {
	found, err := promql.Unfit(ctx, e, w, b.Expr)
	if b.OnMissing == assertions.PassWhenMissing {
		found = slices.DeleteFunc(found, func(m promql.Misfit) bool { return m.Absent })
	}
	if err != nil || len(found) == 0 {
		return assertions.Finding{}, false, err
	}
	f := assertions.Misfitting(found)
	switch b.OnMissing {
	case assertions.FailWhenMissing:
		f.Verdict = assertions.Fail
	case assertions.InconclusiveWhenMissing:
		f.Verdict = assertions.Inconclusive
	case assertions.ZeroWhenMissing:
		f.Text += `; only what is exposed counts as 0`
		if found[0].Absent {
			f.Text += `: write "on_missing: pass" for a metric that comes with its first event`
		}
	}
	return f, true, nil
}

func (b *Budget) values(answer facts.Answer) []assertions.Finding {
	var findings []assertions.Finding
	for _, s := range answer.Series {
		series := facts.WithoutName(s.Labels)
		if math.IsNaN(s.Value) {
			findings = append(findings, b.missing(series, "the value is not a number: nothing was measured"))
			continue
		}
		f := b.Must.Compare(s.Value)
		f.Series, f.Samples = series, answer.Samples
		f.Text = facts.Prefix(series, f.Text)
		findings = append(findings, f)
	}
	return findings
}

// absent returns a finding for every combination of the for_each labels that was seen and has no
// value in the answer.
func (b *Budget) absent(ctx context.Context, e facts.Evidence, w facts.Window,
	answer facts.Answer) ([]assertions.Finding, error) {
	names := make([]string, len(b.ForEach))
	for i, name := range b.ForEach {
		names[i] = string(name)
	}
	given := map[facts.LabelSet]bool{}
	for _, s := range answer.Series {
		given[facts.KeyOf(facts.Keep(s.Labels, names))] = true
	}
	var findings []assertions.Finding
	known := map[string]string{} // labels with a value that was seen
	for _, s := range b.Expr.Selectors() {
		seen, err := e.Query(ctx, fmt.Sprintf("group by (%s) (present_over_time(%s[range()]))",
			promql.LabelList(names...), s.Text), w)
		if err != nil {
			return nil, err
		}
		for _, one := range seen.Series {
			series := facts.Keep(one.Labels, names)
			maps.Copy(known, series)
			if key := facts.KeyOf(series); len(series) > 0 && !given[key] {
				given[key] = true
				findings = append(findings, b.missing(series, "there is no value for it"))
			}
		}
	}
	for _, name := range names {
		if _, ok := known[name]; !ok && len(answer.Series) > 0 { // otherwise it is the series that are missing
			findings = append(findings, assertions.Finding{Verdict: assertions.Inconclusive,
				Text: fmt.Sprintf("for_each: no series has a label %s%s", name, diag.DidYouMean(name, b.labels(e, w)))})
		}
	}
	return findings, nil
}

// labels lists those that the metrics of the expression have.
func (b *Budget) labels(e facts.Evidence, w facts.Window) []string {
	var names []string
	for _, f := range e.Families(w) {
		if slices.ContainsFunc(b.Expr.Metrics(), func(metric string) bool { return slices.Contains(f.MetricNames(), metric) }) {
			names = append(names, f.LabelNames()...)
		}
	}
	return names
}

// missing is the finding that on_missing asks for.
func (b *Budget) missing(series map[string]string, text string) assertions.Finding {
	f := assertions.Finding{Series: series, Text: facts.Prefix(series, text)}
	switch b.OnMissing {
	case assertions.ZeroWhenMissing:
		f = b.Must.Compare(0)
		f.Series, f.Text = series, facts.Prefix(series, f.Text+"; "+text+", which counts as 0")
	case assertions.PassWhenMissing:
		f.Verdict = assertions.NotApplicable
		f.Text += "; that is allowed here"
	case assertions.InconclusiveWhenMissing:
		f.Verdict = assertions.Inconclusive
	default:
		f.Verdict = assertions.Fail
	}
	return f
}
