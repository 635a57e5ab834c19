package promql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// unmatched lists what is missing for a query to mean something: one sentence for every required
// selector that matched no series in the window, with the nearest name that exists.
func Unmatched(ctx context.Context, e facts.Evidence, w facts.Window, q Query) ([]string, error) {
	var missing []string
	for _, s := range q.Selectors() {
		if !s.Required {
			continue
		}
		there, err := Present(ctx, e, w, s.Text)
		if err != nil {
			return nil, err
		}
		if !there && !s.ledger() {
			missing = append(missing, s.Absence(e, w))
		}
	}
	return missing, nil
}

// ledger reports whether the selector reads what the client counted of its hits: of those that it
// did not have, it knows that there were 0.
func (s Selector) ledger() bool {
	return s.Metric == "brrtload_hits_total" || s.Metric == "brrtload_unexpected_total"
}

// slips is in how many letters a name may differ from another that was meant.
const slips = 2

// misspelt reports whether a name is none of those that are known, and nearly one of them.
func Misspelt(name string, known []string) bool {
	near, ok := diag.Nearest(name, known)
	return ok && near != name && distance(name, near) <= slips
}

func distance(a, b string) int { return levenshtein.ComputeDistance(a, b) }

// unfit lists what of a query does not fit what was exposed in the run.
func Unfit(ctx context.Context, e facts.Evidence, w facts.Window, q Query) ([]Misfit, error) {
	if run, ok := e.Window(facts.Run); ok {
		w = run
	}
	var found []Misfit
	for _, m := range q.Misfits(VocabularyOf(e.Families(w))) {
		if m.Absent { // of what another Prometheus adds there is no metadata
			there, err := Present(ctx, e, w, SelectorOf(m.Metric))
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

// known lists the names of the metrics that were exposed.
func Exposed(e facts.Evidence, w facts.Window) []string {
	var names []string
	for _, f := range e.Families(w) {
		names = append(names, f.MetricNames()...)
	}
	return names
}

// absence says why the selector matched nothing, as far as the metadata can tell.
func (s Selector) Absence(e facts.Evidence, w facts.Window) string {
	for _, f := range e.Families(w) {
		if !slices.Contains(f.MetricNames(), s.Metric) {
			continue
		}
		for _, m := range s.Matchers {
			if values := f.Labels[m.Name]; m.Name != model.MetricNameLabel && m.Type == labels.MatchEqual &&
				!slices.Contains(values, m.Value) {
				return fmt.Sprintf("no series matches %s: %s has no %s=%q%s", s.Text, s.Metric, m.Name, m.Value,
					instead(m.Value, m.Name, f))
			}
		}
		return fmt.Sprintf("no series matches %s, though %s was exposed", s.Text, s.Metric)
	}
	return fmt.Sprintf("no series matches %s in %s%s", s.Text, w.Name, diag.DidYouMean(s.Metric, Exposed(e, w)))
}

func instead(value, label string, f facts.Family) string {
	values, ok := f.Labels[label]
	if !ok {
		return "; it has no such label" + diag.DidYouMean(label, f.LabelNames())
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
