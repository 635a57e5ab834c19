package assertions

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
		if !there {
			missing = append(missing, s.absence(e, w))
		}
	}
	return missing, nil
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

// absence says why the selector matched nothing, as far as the metadata can tell.
func (s selector) absence(e Evidence, w Window) string {
	families := e.Families(w)
	var known []string
	for _, f := range families {
		names := f.names()
		known = append(known, names...)
		if !slices.Contains(names, s.metric) {
			continue
		}
		for _, m := range s.matchers {
			if values := f.Labels[m.Name]; m.Name != model.MetricNameLabel && m.Type == labels.MatchEqual && !slices.Contains(values, m.Value) {
				return fmt.Sprintf("no series matches %s: %s has no %s=%q%s", s.text, s.metric, m.Name, m.Value, instead(m.Value, m.Name, f))
			}
		}
		return fmt.Sprintf("no series matches %s, though %s was exposed", s.text, s.metric)
	}
	return fmt.Sprintf("no series matches %s in %s%s", s.text, w.Name, diag.DidYouMean(s.metric, known))
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
