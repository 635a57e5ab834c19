package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// Still lists the families that did not change in the whole run, sorted, without those of the
// runtime and those that describe the service.
func Still(ctx context.Context, e facts.Evidence) ([]string, error) {
	w, ok := e.Window(facts.Run)
	if !ok {
		return nil, nil
	}
	moved, err := between(ctx, e, w)
	if err != nil {
		return nil, err
	}
	var still []string
	for _, name := range levels(e, w, "gauge", "counter", "histogram", "summary", "unknown") {
		if moved[name] || strings.HasSuffix(name, "_sum") || strings.HasSuffix(name, "_info") ||
			facts.OfRuntime(facts.FamilyOf(name)) {
			continue
		}
		answer, err := e.Query(ctx, fmt.Sprintf("count(changes(%s[range()] anchored) > 0)", promql.SelectorOf(name)), w)
		if err != nil {
			return nil, err
		}
		if len(answer.Series) == 0 {
			still = append(still, facts.FamilyOf(name))
		}
	}
	return slices.Compact(still), nil
}

// between returns the metrics of which a series has another value at the end of the window than at
// its start, or was not there.
func between(ctx context.Context, e facts.Evidence, w facts.Window) (map[string]bool, error) {
	before, err := everything(ctx, e, facts.Window{Name: w.Name, Start: w.Start.Add(-time.Second), End: w.Start})
	if err != nil {
		return nil, err
	}
	after, err := everything(ctx, e, w)
	if err != nil {
		return nil, err
	}
	type series struct {
		name   string
		labels facts.LabelSet
	}
	values := map[series]float64{}
	for _, s := range before {
		values[series{s.Labels["__name__"], facts.KeyOf(s.Labels)}] = s.Value
	}
	moved := map[string]bool{}
	for _, s := range after {
		if value, there := values[series{s.Labels["__name__"], facts.KeyOf(s.Labels)}]; !there || value != s.Value {
			moved[s.Labels["__name__"]] = true
		}
	}
	return moved, nil
}
