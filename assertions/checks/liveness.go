package checks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/doubts"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Liveness is a metric that must react to what provokes it. One that stays as it was while the
// client knows that something happened is dead: nothing that rests on it means anything.
type Liveness struct {
	At     diag.Position `yaml:",position"`
	ID     string        `yaml:"id,required"`
	Metric promql.Query  `yaml:"metric,required"` // a selector
	// Stimulus is an expression that counts what provokes the metric. Its labels say which series
	// must react: those with the same values. Where it gives nothing, or 0, nothing is asked of the
	// metric.
	Stimulus promql.Query         `yaml:"stimulus,required"`
	What     string               `yaml:"what,required"` // what the stimulus counts: "requests"
	Must     Reaction             `yaml:"must"`          // move, by default, or be_positive
	Size     promql.Query         `yaml:"size"`          // with be_positive: the size that a high-water mark is of; a mark that is always the size measures nothing
	OnAbsent assertions.OnMissing `yaml:"on_missing"`    // pass for a metric that a service may leave out
	Severity assertions.Severity  `yaml:"severity"`
	Why      string               `yaml:"why"`
}

// Reaction is what a live metric does.
type Reaction string

// The reactions. A high-water mark may have been reached before the run; it need only be above
// zero.
const (
	Move       Reaction = "move"
	BePositive Reaction = "be_positive"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Reaction) UnmarshalText(text []byte) error { return diag.Choose(r, text, Move, BePositive) }

// UnmarshalNode implements diag.Unmarshaler.
func (l *Liveness) UnmarshalNode(n diag.Node) error {
	type fields Liveness
	f := fields{Must: Move, Severity: assertions.Failing}
	err := n.Decode(&f)
	*l = Liveness(f)
	if err == nil && !l.Metric.IsSelector() {
		return l.Metric.Source().Errorf("want the name of a metric, or a selector")
	}
	if err == nil && !l.Size.IsZero() && !l.Size.IsSelector() {
		return l.Size.Source().Errorf("want the name of a metric, or a selector")
	}
	return err
}

// About implements Assertion.
func (l *Liveness) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: l.ID, Kind: "liveness", Why: l.Why, Severity: l.Severity,
		Window: facts.Run, Query: l.Metric.String(), Position: l.At,
		Metrics: l.Metric.Metrics()}, Bearing: assertions.Bearing{Queries: []promql.Query{l.Metric, l.Stimulus},
		MayBeMissing: l.OnAbsent == assertions.PassWhenMissing}}

}

// Judge implements Assertion.
func (l *Liveness) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	provoked, err := e.Query(ctx, "("+l.Stimulus.String()+") > 0", w)
	if err != nil {
		return nil, err
	}
	if len(provoked.Series) == 0 {
		if found, err := promql.Unfit(ctx, e, w, l.Stimulus); err != nil || len(found) > 0 {
			f := assertions.Misfitting(found)
			f.Text += ": stimulus unknown"
			return []assertions.Finding{f}, err
		}
		if missing, err := promql.Unmatched(ctx, e, w, l.Stimulus); err != nil || len(missing) > 0 {
			return []assertions.Finding{{Verdict: assertions.Inconclusive,
				Text: strings.Join(missing, "; ") + ": stimulus unknown"}}, err
		}
		return []assertions.Finding{{Verdict: assertions.NotApplicable,
			Text: "nothing provoked it: there were no " + l.What}}, nil
	}
	found, err := promql.Unfit(ctx, e, w, l.Metric)
	if err != nil {
		return nil, err
	}
	if there, err := promql.Present(ctx, e, w, l.Metric.String()); err != nil || !there {
		return []assertions.Finding{l.absent(e, w, found)}, err
	}
	by := slices.DeleteFunc(provoked.LabelNames(), func(name string) bool { return name == "" })
	reacted, err := l.reactions(ctx, e, w, by)
	if err != nil {
		return nil, err
	}
	var findings []assertions.Finding
	for _, s := range provoked.Series {
		f := l.finding(facts.WithoutName(s.Labels), s.Value, reacted[facts.KeyOf(s.Labels)])
		if err := doubts.PassedOver(ctx, e, w, l.Stimulus, &f, s.Value); err != nil {
			return nil, err
		}
		findings = append(findings, f)
	}
	if err := l.seldom(ctx, e, w, findings); err != nil {
		return nil, err
	}
	if full, err := l.full(ctx, e, w); err != nil || full != nil {
		return append(findings, full...), err
	}
	return assertions.Bounded(findings), nil
}

// seldom makes an accusation of a gauge inconclusive that another server scraped: it may have moved
// between two of its scrapes. What counts up shows it all the same.
func (l *Liveness) seldom(ctx context.Context, e facts.Evidence, w facts.Window, findings []assertions.Finding) error {
	by, is, err := doubts.RelayedBy(ctx, e)
	if err != nil || !is {
		return err
	}
	metric := l.Metric.Selectors()[0].Metric
	for _, f := range e.Families(w) {
		if slices.Contains(f.MetricNames(), metric) && slices.Contains([]string{"counter", "histogram", "summary"}, f.Type) {
			return nil
		}
	}
	for n, f := range findings {
		if f.Verdict == assertions.Untruthful {
			findings[n].Doubtful(f.Text + fmt.Sprintf("; Prometheus scrapes every %s, and it may have moved between two scrapes",
				quantity.Of(by.Every, "s")))
		}
	}
	return nil
}

// full returns a finding when the metric was its size at every scrape, in all its series: that is a
// second gauge of the size.
func (l *Liveness) full(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	if l.Size.IsZero() {
		return nil, nil
	}
	below, known, err := promql.Single(ctx, e, w, promql.Must(fmt.Sprintf("count((min_over_time(%[1]s[range()]) == max_over_time(%[1]s[range()])) == %[2]s) / count(%[1]s)", l.Metric, l.Size)))
	if err != nil || !known || below < 1 {
		return nil, err
	}
	return []assertions.Finding{{Verdict: assertions.Untruthful,
		Text: fmt.Sprintf("%s is %s, in every series, from the first scrape to the last: a size, and no measurement",
			l.Metric, l.Size)}}, nil
}

func (l *Liveness) absent(e facts.Evidence, w facts.Window, found []promql.Misfit) assertions.Finding {
	f := assertions.Misfitting(found)
	if len(found) == 0 { // the metric is there and its label, too; this series ought to be
		f = assertions.Finding{Verdict: assertions.Untruthful, Text: l.Metric.Selectors()[0].Absence(e, w)}
	}
	switch l.OnAbsent {
	case assertions.FailWhenMissing:
		f.Verdict = assertions.Untruthful
	case assertions.PassWhenMissing:
		f.Verdict = assertions.NotApplicable
		f.Text += "; that is allowed here"
	case assertions.InconclusiveWhenMissing:
		f.Verdict = assertions.Inconclusive
	}
	return f
}

// reaction is what a metric did over the window, in the series of one label set.
type reaction struct {
	there       bool
	moved       bool
	least, most float64
}

// reactions asks what the metric did, by the labels of the stimulus. A series that appeared in the
// window has moved.
func (l *Liveness) reactions(ctx context.Context, e facts.Evidence, w facts.Window,
	by []string) (map[facts.LabelSet]reaction, error) {
	metric, group := l.Metric.String(), "by ("+promql.LabelList(by...)+") "
	all := map[facts.LabelSet]reaction{}
	ask := func(expr string, note func(*reaction, float64)) error {
		answer, err := e.Query(ctx, expr, w)
		for _, s := range answer.Series {
			r := all[facts.KeyOf(s.Labels)]
			note(&r, s.Value)
			all[facts.KeyOf(s.Labels)] = r
		}
		return err
	}
	for _, question := range []struct {
		expr string
		note func(*reaction, float64)
	}{
		{"min " + group + "(min_over_time(" + metric + "[range()]))", func(r *reaction, v float64) { r.least, r.there = v, true }},
		{"max " + group + "(max_over_time(" + metric + "[range()]))", func(r *reaction, v float64) { r.most, r.there = v, true }},
		{"count " + group + "((changes(" + metric + "[range()] anchored) > 0) or (" + metric + " unless " + metric +
			" @ start()))",
			func(r *reaction, _ float64) { r.moved, r.there = true, true }},
	} {
		if err := ask(question.expr, question.note); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (l *Liveness) finding(series map[string]string, n float64, r reaction) assertions.Finding {
	provocation := fmt.Sprintf("%s %s", quantity.Quantity{Value: n}, l.What)
	f := assertions.Finding{Series: maps.Clone(series)}
	alive := r.moved
	if l.Must == BePositive {
		alive = r.most > 0
	}
	switch {
	case alive:
		f.Text = fmt.Sprintf("%s reacted to %s", l.Metric, provocation)
	case !r.there:
		f.Verdict, f.Text = assertions.Untruthful, fmt.Sprintf("%s has no such series, in spite of %s", l.Metric,
			provocation)
		if l.OnAbsent == assertions.PassWhenMissing {
			f.Verdict = assertions.NotApplicable
		}
	case r.least == r.most:
		f.Verdict, f.Text = assertions.Untruthful, fmt.Sprintf("%s stayed %s through %s", l.Metric,
			quantity.Quantity{Value: r.most}, provocation)
	default:
		f.Verdict, f.Text = assertions.Untruthful, fmt.Sprintf("no series of %s changed through %s", l.Metric,
			provocation)
	}
	f.Text = facts.Prefix(series, f.Text)
	return f
}
