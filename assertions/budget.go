package assertions

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"brrtload/internal/diag"
)

// Budget is a PromQL expression every value of which must stay within limits, in one window of the run.
type Budget struct {
	At        diag.Position `yaml:",position"`
	ID        string        `yaml:"id,required"`
	Expr      Query         `yaml:"expr,required"` // PromQL; every value that it gives must keep to the limits
	Must      Limits        `yaml:"must,required"` // one or two comparisons with a number and a unit: "< 250ms", [">= 1", "< 64"]
	In        diag.Text     `yaml:"in"`            // the window's name; steady when empty
	OnMissing OnMissing     `yaml:"on_missing"`    // what nothing at all means: fail by default
	Severity  Severity      `yaml:"severity"`
	Why       string        `yaml:"why"`
	// ForEach names labels: every combination of their values that any part of the expression has must be in the result.
	ForEach []LabelName `yaml:"for_each"`
	Abort   Abort       `yaml:"abort_on_fail"` // false: a breach is found when the run is over
}

// UnmarshalNode implements diag.Unmarshaler.
func (b *Budget) UnmarshalNode(n diag.Node) error {
	type fields Budget
	f := fields{In: diag.Text{Value: Steady}, Severity: Failing}
	err := n.Decode(&f)
	*b = Budget(f)
	if err != nil {
		return err
	}
	var found diag.List
	if d, ok := b.Expr.substitutes(`say "on_missing: zero" when nothing counts as 0`); ok && b.OnMissing != ZeroWhenMissing {
		found = append(found, d)
	}
	if b.Abort.On && b.Severity == Warning {
		found = append(found, n.Errorf(`a warning ends no run: leave out "abort_on_fail", or "severity: warn"`))
	}
	if place, ok := n.Get("for_each"); ok {
		for _, name := range b.ForEach {
			if by, only := b.Expr.grouping(); only && !slices.Contains(by, string(name)) {
				found = append(found, place.Errorf("no value can have the label %q: the expression aggregates by (%s)%s", name, strings.Join(by, ", "), diag.DidYouMean(string(name), by)))
			}
		}
	}
	return found.Err()
}

// About implements Assertion.
func (b *Budget) About() About {
	return About{Heading{ID: b.ID, Kind: "budget", Why: b.Why, Severity: b.Severity, Window: b.In.Value, Query: b.Expr.String(),
		Position: b.At, Metrics: b.Expr.metrics()},
		Bearing{Queries: []Query{b.Expr}, In: b.In, Limits: b.Must, Abort: b.Abort,
			RestsOnTelemetry: true, MayBeMissing: b.OnMissing == PassWhenMissing}}
}

// Judge implements Assertion.
func (b *Budget) Judge(ctx context.Context, e Evidence) ([]Finding, error) {
	w, ok := e.Window(b.In.Value)
	if !ok {
		return []Finding{noWindow(w)}, nil
	}
	if text, _ := b.About().TooLong(w.End.Sub(w.Start)); text != "" {
		return []Finding{{Verdict: Inconclusive, Text: text}}, nil
	}
	if f, ok, err := b.unfit(ctx, e, w); err != nil || ok {
		return []Finding{f}, err
	}
	missing, err := unmatched(ctx, e, w, b.Expr)
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
		missing = []string{"the expression gives no value in " + w.Name}
	}
	// One sentence for all that is missing: a budget whose every selector is misspelt is one mistake more often than several.
	if len(missing) > 0 {
		findings = append(findings, b.missing(nil, strings.Join(missing, "; ")))
	}
	return bounded(append(findings, warned(answer)...)), nil
}

// unfit returns the finding of a budget that reads what is not exposed. That nothing counts as 0 is said of a metric that is there.
func (b *Budget) unfit(ctx context.Context, e Evidence, w Window) (Finding, bool, error) {
	found, err := unfit(ctx, e, w, b.Expr)
	if b.OnMissing == PassWhenMissing {
		found = slices.DeleteFunc(found, func(m misfit) bool { return m.absent })
	}
	if err != nil || len(found) == 0 {
		return Finding{}, false, err
	}
	f := misfitting(found)
	switch b.OnMissing {
	case FailWhenMissing:
		f.Verdict = Fail
	case InconclusiveWhenMissing:
		f.Verdict = Inconclusive
	case ZeroWhenMissing:
		f.Text += `; only what is exposed counts as 0`
		if found[0].absent {
			f.Text += `: write "on_missing: pass" for a metric that comes with its first event`
		}
	}
	return f, true, nil
}

func (b *Budget) values(answer Answer) []Finding {
	var findings []Finding
	for _, s := range answer.Series {
		series := withoutName(s.Labels)
		if math.IsNaN(s.Value) {
			findings = append(findings, b.missing(series, "the value is not a number: nothing was measured"))
			continue
		}
		f := b.Must.judge(s.Value)
		f.Series, f.Samples = series, answer.Samples
		f.Text = prefix(series, f.Text)
		findings = append(findings, f)
	}
	return findings
}

// absent gives a finding for every combination of the for_each labels that was seen and has no value in the answer.
func (b *Budget) absent(ctx context.Context, e Evidence, w Window, answer Answer) ([]Finding, error) {
	names := make([]string, len(b.ForEach))
	for i, name := range b.ForEach {
		names[i] = string(name)
	}
	given := map[labelSet]bool{}
	for _, s := range answer.Series {
		given[keyOf(keep(s.Labels, names))] = true
	}
	var findings []Finding
	known := map[string]string{} // labels with a value that was seen
	for _, s := range b.Expr.selectors() {
		seen, err := e.Query(ctx, fmt.Sprintf("group by (%s) (present_over_time(%s[range()]))", labelList(names...), s.text), w)
		if err != nil {
			return nil, err
		}
		for _, one := range seen.Series {
			series := keep(one.Labels, names)
			maps.Copy(known, series)
			if key := keyOf(series); len(series) > 0 && !given[key] {
				given[key] = true
				findings = append(findings, b.missing(series, "there is no value for it"))
			}
		}
	}
	for _, name := range names {
		if _, ok := known[name]; !ok && len(answer.Series) > 0 { // otherwise it is the series that are missing
			findings = append(findings, Finding{Verdict: Inconclusive, Text: fmt.Sprintf("for_each: no series has a label %s%s", name, diag.DidYouMean(name, b.labels(e, w)))})
		}
	}
	return findings, nil
}

// labels lists those that the metrics of the expression have.
func (b *Budget) labels(e Evidence, w Window) []string {
	var names []string
	for _, f := range e.Families(w) {
		if slices.ContainsFunc(b.Expr.metrics(), func(metric string) bool { return slices.Contains(f.names(), metric) }) {
			names = append(names, f.labelNames()...)
		}
	}
	return names
}

// missing is the finding that on_missing asks for.
func (b *Budget) missing(series map[string]string, text string) Finding {
	f := Finding{Series: series, Text: prefix(series, text)}
	switch b.OnMissing {
	case ZeroWhenMissing:
		f = b.Must.judge(0)
		f.Series, f.Text = series, prefix(series, f.Text+"; "+text+", which counts as 0")
	case PassWhenMissing:
		f.Verdict = NotApplicable
		f.Text += "; that is allowed here"
	case InconclusiveWhenMissing:
		f.Verdict = Inconclusive
	default:
		f.Verdict = Fail
	}
	return f
}
