package assertions

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/diag"
)

// Histogram is a histogram family by its name, without _bucket, _count or _sum, or a selector of some of its series:
// http_request_duration_seconds{route="export"}.
type Histogram struct{ Query }

// UnmarshalNode implements diag.Unmarshaler.
func (h *Histogram) UnmarshalNode(n diag.Node) error {
	if err := n.Decode(&h.text); err != nil {
		return err
	}
	if aName(h.text.Value) {
		h.text.Value = selectorOf(h.text.Value)
	}
	if err := h.parse(); err != nil {
		return err
	}
	if !h.isSelector() || h.Name() == "" {
		return h.text.Errorf(`want a histogram: NAME, or NAME{label="value"}`)
	}
	return nil
}

// Name returns the name of the family.
func (h Histogram) Name() string { return metricName(h.expr.(*parser.VectorSelector)) }

// part returns the selector of the histogram's series with a suffix, such as _bucket, and of them those that match.
func (h Histogram) part(suffix string, also ...*labels.Matcher) string {
	return selecting(h.Name()+suffix, append(h.matchers(), also...))
}

// matchers returns what the selector asks of labels.
func (h Histogram) matchers() []*labels.Matcher {
	return slices.DeleteFunc(slices.Clone(h.expr.(*parser.VectorSelector).LabelMatchers),
		func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel })
}

// selecting returns the selector of a metric with those matchers.
func selecting(metric string, matchers []*labels.Matcher) string {
	texts := make([]string, len(matchers))
	for i, m := range matchers {
		texts[i] = m.String()
	}
	return selectorOf(metric, texts...)
}
