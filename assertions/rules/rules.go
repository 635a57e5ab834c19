// Package rules reads Prometheus rule files: each alerting rule is an assertion that it must not
// fire.
package rules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Rules names a Prometheus rule file, relative to the assertions file, each alerting rule of which
// becomes an assertion. A bare file name stands for {file: NAME}.
type Rules struct {
	File     diag.Text           `yaml:"file,required"` // the rule file, beside the file that names it
	In       diag.Text           `yaml:"in"`            // the window's name; steady when empty
	Must     Expectation         `yaml:"must"`          // not_fire when empty
	Severity assertions.Severity `yaml:"severity"`
}

// Expectation says what alerts have to do.
type Expectation string

// Alerts of a healthy service must not fire; those of a drill must.
const (
	NotFire Expectation = "not_fire"
	Fire    Expectation = "fire"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (x *Expectation) UnmarshalText(text []byte) error { return diag.Choose(x, text, NotFire, Fire) }

// UnmarshalNode implements diag.Unmarshaler.
func (r *Rules) UnmarshalNode(n diag.Node) error {
	type fields Rules
	f := fields{In: diag.Text{Value: facts.Steady}, Must: NotFire, Severity: assertions.Failing}
	var err error
	if n.IsScalar() {
		err = n.Decode(&f.File)
	} else {
		err = n.Decode(&f)
	}
	*r = Rules(f)
	return err
}

// Alert is one alerting rule of a rule file, judged over one window. Its expression is evaluated
// every second: the group's own interval, a minute by default, would skip a short window
// altogether.
type Alert struct {
	At     diag.Position  `yaml:",position"`
	Record string         `yaml:"record"`
	Alert  string         `yaml:"alert"`
	Expr   promql.Query   `yaml:"expr,required"`
	For    model.Duration `yaml:"for"`
	Keep   model.Duration `yaml:"keep_firing_for"` // of no consequence here: what fired has fired
	// Labels and Annotations are checked as Prometheus checks them. The annotation summary, or else
	// description, is the reason shown.
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`

	rules Rules
	id    string
	seen  promql.Query // the expression, with up whatever its labels are
}

// LoadRules reads a Prometheus rule file: its alerting rules must not fire in the steady phase.
func Load(fsys fs.FS, name string) ([]assertions.Assertion, error) {
	return Rules{File: diag.Text{Value: path.Base(name)}, In: diag.Text{Value: facts.Steady}, Must: NotFire,
		Severity: assertions.Failing}.Alerts(fsys, path.Dir(name))
}

// alerts reads the rule file.
func (r Rules) Alerts(fsys fs.FS, dir string) ([]assertions.Assertion, error) {
	name := path.Join(dir, r.File.Value)
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		if r.File.Position() == (diag.Position{}) {
			return nil, err
		}
		return nil, r.File.Errorf("read rules: %s", errors.Unwrap(err))
	}
	groups, err := rulesOf(&diag.Source{Name: name, Text: text})
	if err != nil {
		return nil, err
	}
	var list []assertions.Assertion
	used := map[string]int{}
	for _, group := range groups {
		for _, rule := range group.Rules {
			if rule.Alert != "" {
				rule.rules, rule.id, rule.seen = r, rule.Alert, rule.Expr.AnyTarget()
				// One name may stand for several severities.
				if used[rule.Alert]++; used[rule.Alert] > 1 {
					rule.id = fmt.Sprintf("%s#%d", rule.Alert, used[rule.Alert])
				}
				list = append(list, rule)
			}
		}
	}
	if len(list) == 0 {
		return nil, r.File.Errorf("%s has no alerting rule", name)
	}
	return list, nil
}

// About implements Assertion.
func (a *Alert) About() assertions.About {
	why := a.annotation()
	if a.templated() {
		why = "" // the findings have it, with its places filled in
	}
	return assertions.About{Heading: assertions.Heading{ID: a.id, Kind: "rules", Why: why, Severity: a.rules.Severity,
		Window: a.rules.In.Value, Query: a.Expr.String(),
		Position: a.At, Metrics: a.Expr.Metrics()}, Bearing: assertions.Bearing{Queries: []promql.Query{a.Expr},
		In:    a.rules.In,
		Alert: &assertions.Firing{For: time.Duration(a.For)}, RestsOnTelemetry: true}}

}

// evaluation is how often an alert's expression is looked at.
const evaluation = time.Second

// Judge implements Assertion.
func (a *Alert) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(a.rules.In.Value)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	if text, _ := a.About().TooLong(w.End.Sub(w.Start)); text != "" {
		return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: text}}, nil
	}
	if len(a.seen.Selectors()) == 0 {
		return []assertions.Finding{{Verdict: assertions.NotApplicable,
			Text: "the expression reads no metric: it always gives the same, whatever the service does"}}, nil
	}
	missing, err := promql.Unmatched(ctx, e, w, a.seen)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return []assertions.Finding{{Verdict: assertions.Inconclusive,
			Text: strings.Join(missing, "; ") + ": the alert could not fire"}}, nil
	}
	answer, err := e.Query(ctx, a.firing(a.seen.String()), w)
	if err != nil {
		return nil, err
	}
	why, clamped, err := a.clamped(ctx, e, w, answer)
	if clamped || err != nil {
		return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: why}}, err
	}
	about, err := a.summaries(ctx, e, w)
	return assertions.Bounded(a.findings(answer, about)), err
}

// firing counts, for each series, the evaluations at which the alert with that expression fired. An
// alert fires when its expression gave a value at every evaluation for as long as "for" says. The
// window is shortened by that time, so that nothing before it counts.
func (a *Alert) firing(expr string) string {
	step := model.Duration(evaluation).String()
	if a.For == 0 {
		return fmt.Sprintf("count_over_time((%s)[range():%s])", expr, step)
	}
	pending := time.Duration(a.For).Truncate(evaluation) + evaluation
	return fmt.Sprintf("count_over_time((count_over_time((%s)[%s:%s]) >= %d)[range() - %s:%s])",
		expr, model.Duration(pending), step, pending/evaluation, model.Duration(pending), step)
}

func (a *Alert) findings(answer facts.Answer, about map[facts.LabelSet]string) []assertions.Finding {
	var findings []assertions.Finding
	for _, s := range answer.Series {
		series := facts.WithoutName(s.Labels)
		f := assertions.Finding{Series: series, Samples: answer.Samples,
			Text: facts.Prefix(series, fmt.Sprintf("the alert fires for %s",
				quantity.Of(s.Value*evaluation.Seconds(), "s")))}
		if text := about[facts.KeyOf(s.Labels)]; text != "" {
			f.Text += ": " + text
		}
		if a.rules.Must == NotFire {
			f.Verdict = assertions.Fail
		}
		findings = append(findings, f)
	}
	if len(findings) > 0 {
		return findings
	}
	quiet := assertions.Finding{Text: "the alert does not fire", Samples: answer.Samples}
	if a.rules.Must == Fire {
		quiet.Verdict, quiet.Text = assertions.Fail, "the alert does not fire, and it must"
	}
	return []assertions.Finding{quiet}
}

// clamped reports whether an alert that was quiet, or that fired, only did so because a quantile
// was clamped to the last finite bound, and says why.
func (a *Alert) clamped(ctx context.Context, e facts.Evidence, w facts.Window,
	answer facts.Answer) (string, bool, error) {
	expr, histograms := a.seen.Unclamped()
	if len(histograms) == 0 {
		return "", false, nil
	}
	lifted, err := e.Query(ctx, a.firing(expr), w)
	if err != nil || len(answer.Series) > 0 == (len(lifted.Series) > 0) {
		return "", false, err
	}
	why, err := promql.AboveLast(ctx, e, w, histograms, nil)
	return why + ": whether the alert fires is not known", true, err
}
