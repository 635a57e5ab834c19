package checks

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"brrtload/internal/facts"
)

// Lint reports what of the families goes against the conventions for names, help texts and units,
// in the words of Prometheus' own linter, sorted by family. What goes against them may be true all
// the same.
func Lint(families []facts.Family) ([]string, error) {
	var metrics []*dto.MetricFamily
	for _, f := range families {
		kind := dto.MetricType_UNTYPED
		switch f.Type {
		case "counter":
			kind = dto.MetricType_COUNTER
		case "gauge":
			kind = dto.MetricType_GAUGE
		case "histogram":
			kind = dto.MetricType_HISTOGRAM
		case "summary":
			kind = dto.MetricType_SUMMARY
		}
		m := &dto.MetricFamily{Name: &f.Name, Type: &kind}
		if f.Help != "" {
			m.Help = &f.Help
		}
		if f.Unit != "" {
			m.Unit = &f.Unit
		}
		one := &dto.Metric{}
		for _, label := range f.LabelNames() {
			one.Label = append(one.Label, &dto.LabelPair{Name: &label, Value: new(string)})
		}
		m.Metric = []*dto.Metric{one}
		metrics = append(metrics, m)
	}
	problems, err := promlint.NewWithMetricFamilies(metrics).Lint()
	if err != nil {
		return nil, fmt.Errorf("lint: %w", err)
	}
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.Metric + ": " + p.Text
	}
	return texts, nil
}
