package assertions

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
)

// absent gives a finding for every required selector of a query that matched no series in the window.
func absent(ctx context.Context, e Evidence, w Window, q Query) ([]Finding, error) {
	var findings []Finding
	for _, s := range q.selectors() {
		there, err := present(ctx, e, w, s.text)
		if err != nil {
			return nil, err
		}
		if s.required && !there {
			findings = append(findings, s.missing(e, w))
		}
	}
	return findings, nil
}

// unmatched lists what is missing for a query to mean something: one sentence for every required selector that matched no series
// in the window, with the nearest name that exists.
func unmatched(ctx context.Context, e Evidence, w Window, q Query) ([]string, error) {
	var missing []string
	for _, s := range q.selectors() {
		if !s.required {
			continue
		}
		there, err := present(ctx, e, w, s.text)
		if err != nil {
			return nil, err
		}
		if !there && !s.ledger() {
			missing = append(missing, s.absence(e, w))
		}
	}
	return missing, nil
}

// ledger reports whether the selector reads what the client counted of its hits: of those that it did not have, it knows that there were 0.
func (s selector) ledger() bool {
	return s.metric == "brrtload_hits_total" || s.metric == "brrtload_unexpected_total"
}

// present tells whether a selector matched a series in the window. It looks at the end first, which reads one sample a series.
func present(ctx context.Context, e Evidence, w Window, selector string) (bool, error) {
	for _, expr := range []string{
		"count(" + selector + ")",
		"count(present_over_time(" + selector + "[range()]))",
	} {
		answer, err := e.Query(ctx, expr, w)
		if err != nil {
			return false, err
		}
		if len(answer.Series) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// missing is the finding where a metric that telemetry should have is not there. Nothing was shown to be untrue: it may have been misspelt, here or there. That
// a service exposes what it promises is for contracts to find out.
func (s selector) missing(e Evidence, w Window) Finding {
	return Finding{Verdict: DoesNotFit, Text: s.absence(e, w)}
}

// slips is in how many letters a name may differ from another that was meant.
const slips = 2

// misspelt reports whether a name is none of those that are known, and nearly one of them.
func misspelt(name string, known []string) bool {
	near, ok := diag.Nearest(name, known)
	return ok && near != name && distance(name, near) <= slips
}

func distance(a, b string) int { return levenshtein.ComputeDistance(a, b) }

// unfit lists what of a query does not fit what was exposed in the run.
func unfit(ctx context.Context, e Evidence, w Window, q Query) ([]misfit, error) {
	if run, ok := e.Window(Run); ok {
		w = run
	}
	var found []misfit
	for _, m := range q.misfits(exposed(e.Families(w))) {
		if m.absent { // of what another Prometheus adds there is no metadata
			there, err := present(ctx, e, w, selectorOf(m.metric))
			if err != nil {
				return nil, err
			}
			if there {
				continue
			}
		}
		found = append(found, m)
	}
	return found, nil
}

// misfitting returns a finding that says all of them in a sentence.
func misfitting(found []misfit) Finding {
	var texts []string
	for _, m := range found {
		if !slices.Contains(texts, m.text) {
			texts = append(texts, m.text)
		}
	}
	return Finding{Verdict: DoesNotFit, Text: strings.Join(texts, "; ")}
}

// known lists the names of the metrics that were exposed.
func known(e Evidence, w Window) []string {
	var names []string
	for _, f := range e.Families(w) {
		names = append(names, f.names()...)
	}
	return names
}

// absence says why the selector matched nothing, as far as the metadata can tell.
func (s selector) absence(e Evidence, w Window) string {
	for _, f := range e.Families(w) {
		if !slices.Contains(f.names(), s.metric) {
			continue
		}
		for _, m := range s.matchers {
			if values := f.Labels[m.Name]; m.Name != model.MetricNameLabel && m.Type == labels.MatchEqual && !slices.Contains(values, m.Value) {
				return fmt.Sprintf("no series matches %s: %s has no %s=%q%s", s.text, s.metric, m.Name, m.Value, instead(m.Value, m.Name, f))
			}
		}
		return fmt.Sprintf("no series matches %s, though %s was exposed", s.text, s.metric)
	}
	return fmt.Sprintf("no series matches %s in %s%s", s.text, w.Name, diag.DidYouMean(s.metric, known(e, w)))
}

func instead(value, label string, f Family) string {
	values, ok := f.Labels[label]
	if !ok {
		return "; it has no such label" + diag.DidYouMean(label, f.labelNames())
	}
	if near := diag.DidYouMean(value, values); near != "" {
		return near
	}
	const shown = 5
	if len(values) > shown {
		return fmt.Sprintf("; seen: %s and %d more", strings.Join(values[:shown], ", "), len(values)-shown)
	}
	return "; seen: " + strings.Join(values, ", ")
}

func (f Family) labelNames() []string {
	names := make([]string, 0, len(f.Labels))
	for name := range f.Labels {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// names lists the metric names that the family's samples have.
func (f Family) names() []string {
	switch f.Type {
	case "histogram":
		return []string{f.Name, f.Name + "_bucket", f.Name + "_count", f.Name + "_sum"}
	case "summary":
		return []string{f.Name, f.Name + "_count", f.Name + "_sum"}
	default:
		return []string{f.Name}
	}
}
