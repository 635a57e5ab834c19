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
